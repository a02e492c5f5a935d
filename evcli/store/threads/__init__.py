"""What the threads of a process that stays share: one writer, and what it remembers."""
