"""How a process and its store are, for those who run them: `/readyz`, `/metrics`, `status`, `effects`.

Nothing here shows a private incident: its duties are left out, and an effect is named by its kind only where it belongs
to an incident that more than its participants may know of. Set-up, late answers and what is private are all "other".
"""
