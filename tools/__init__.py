"""What ./run does before and around the product. Standard library only: it runs before anything is installed."""
