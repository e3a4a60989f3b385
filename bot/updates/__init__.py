"""Public updates: what was said to everyone, what was promised, and the reminders that keep the promise."""
