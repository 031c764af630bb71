"""What people say about the service: complaints, praise, suggestions, the follow-up of low ratings; each until it is answered."""
