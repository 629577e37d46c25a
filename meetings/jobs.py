"""What happens in meetings by itself at its time."""
