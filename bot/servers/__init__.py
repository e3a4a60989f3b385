"""What a server (a Discord guild) has: its set-up and its history, its people, their words, their drafts.

Everything belongs to exactly one server. Words that people typed stand only in `words` and `draft`; a person stands
behind a `person` row, so that a lawful erasure can blank both and leave the fact that something was said.
"""
