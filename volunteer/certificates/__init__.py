"""证明: statements of service that their owner prints and a stranger can check."""
