"""The torture command: real processes, a real Redis, an adversary, and an account at the end."""
