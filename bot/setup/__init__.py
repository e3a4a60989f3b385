"""Setting a server up: what it uses, what it makes, what it may, whom it calls; run again to change one thing.

A plan is shown before anything is done. What is made goes through the outbox, one thing after the other, and is found
again after a crash; what was deleted by hand is made again; every change of the set-up is kept as history.
"""
