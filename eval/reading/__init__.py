"""How much of what files hold is read: compared with independent extractors, and how fast."""
