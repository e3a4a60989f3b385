"""Who may do what and who may see what: two tables and the two functions that read them.

A table holds standings, never people: the caller finds out what somebody is towards the server and the incident and
asks here. Whether the moment is right (is the lead vacant, is it still open?) is not a matter of permission.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from bot.policy.words import Action, Kind, Standing, Visibility

ANYONE = frozenset({Standing.ANYONE})
INSIDE = frozenset({Standing.PARTICIPANT, Standing.LEAD})
STAFF = frozenset(
    {
        Standing.RESPONDER,
        Standing.CORE,
        Standing.ON_CALL,
        Standing.SECURITY,
        Standing.COMMS,
        Standing.MODERATOR,
    }
)
WORKING = INSIDE | STAFF
MANAGER = frozenset({Standing.MANAGER})
STEERING = frozenset({Standing.LEAD, Standing.CORE, Standing.ON_CALL, Standing.MANAGER})
NOBODY: frozenset[Standing] = frozenset()

PERMITTED: Mapping[Action, frozenset[Standing]] = MappingProxyType(
    {
        Action.DECLARE: STAFF | MANAGER,
        Action.REPORT: ANYONE,
        Action.TRIAGE: STAFF | MANAGER,
        Action.PRACTISE: STAFF | MANAGER,
        Action.JOIN: STAFF,
        Action.SEE: WORKING | MANAGER,
        Action.SHOW: WORKING | MANAGER,
        Action.LIST: ANYONE,  # what is listed is only what this person may see
        Action.EXPORT: WORKING | MANAGER,
        Action.LOG: WORKING,
        Action.ACKNOWLEDGE: WORKING,
        Action.DECLINE: WORKING,
        Action.TICK: WORKING,
        Action.CHANGE_SEVERITY: WORKING,
        Action.CHANGE_KIND: WORKING,
        Action.WIDEN_VISIBILITY: frozenset({Standing.LEAD, Standing.CORE}),
        Action.HAND_OVER_LEAD: STEERING,
        Action.TAKE_LEAD: WORKING,
        Action.SET_STATUS: WORKING,
        Action.SET_IMPACT: WORKING,
        Action.SET_TITLE: WORKING,
        Action.ADD_PERSON: WORKING | MANAGER,
        Action.ADD_ROLE: WORKING | MANAGER,
        Action.TAG_OUT: ANYONE,  # leaving needs no right, and no reason
        Action.DUPLICATE: WORKING,
        Action.CANCEL: WORKING,
        Action.REOPEN: WORKING,
        Action.RESOLVE: WORKING,
        Action.PUBLISH_UPDATE: WORKING,
        Action.CORRECT_UPDATE: WORKING,
        Action.ANNOUNCE_GAP: WORKING,
        Action.CONFIRM_GAP: WORKING,
        Action.PAGE: WORKING | MANAGER,
        Action.RETRY: WORKING | MANAGER,
        Action.SEE_ROTATION: ANYONE,
        Action.EDIT_ROTATION: frozenset({Standing.CORE, Standing.MANAGER}),
        Action.EDIT_ROSTER: frozenset({Standing.CORE, Standing.MANAGER}),
        Action.SETUP: MANAGER,
    }
)

# Narrower rows for an existing incident of a private kind: its people only, added one by one; no role opens it, not
# even Manage Server. Actions without a row here keep the row above.
PERMITTED_PRIVATE: Mapping[Action, frozenset[Standing]] = MappingProxyType(
    {
        **{
            action: permitted & INSIDE
            for action, permitted in PERMITTED.items()
            if permitted & INSIDE  # what is done inside an incident
        },
        Action.JOIN: NOBODY,
        Action.HAND_OVER_LEAD: INSIDE,  # few people, all named: no lead out of reach may block them
        Action.ADD_ROLE: NOBODY,
        Action.WIDEN_VISIBILITY: frozenset({Standing.LEAD}),
    }
)

# A server that was never set up has nobody with a role, and must be able to call for help all the same.
PERMITTED_UNSET: Mapping[Action, frozenset[Standing]] = MappingProxyType(
    {Action.DECLARE: ANYONE, Action.PRACTISE: ANYONE}
)

SEES: Mapping[Visibility, frozenset[Standing]] = MappingProxyType(
    {
        Visibility.PARTICIPANTS: INSIDE,
        Visibility.RESPONDERS: WORKING | MANAGER,
        Visibility.PUBLIC: ANYONE,
    }
)


def permitted(
    action: Action, standings: Collection[Standing], *, kind: Kind | None = None, unset_server: bool = False
) -> bool:
    """True where somebody with these `standings` may do `action`; everyone counts as `anyone`.

    `kind` is that of the incident acted on, None where there is none yet (declare, report). `unset_server` says that
    the server has no mapped roles; then anyone may declare (policy flag `unset_server`).
    """
    held = frozenset(standings) | ANYONE
    if kind is not None and kind.private and action in PERMITTED_PRIVATE:
        return bool(held & PERMITTED_PRIVATE[action])
    allowed = PERMITTED[action] | (PERMITTED_UNSET.get(action, NOBODY) if unset_server else NOBODY)
    return bool(held & allowed)


def may_see(visibility: Visibility, standings: Collection[Standing]) -> bool:
    """True where somebody with these `standings` may know of a thing that has this `visibility`."""
    return bool((frozenset(standings) | ANYONE) & SEES[visibility])
