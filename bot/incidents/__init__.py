"""The incident itself: declare, work on it in private, page, log, pass on, resolve.

Promises (guide: "Technical Outage Response", "Incident Severity Levels"): a private room that its people alone see; the
page before anything decorative; one lead; a log that only grows; every duty with its time, its owner and its reason.
"""
