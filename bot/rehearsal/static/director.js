// The director's page: shows the state that the server tells, and sends what was pressed. No state of its own but focus.

const EVERY_MS = 1000;
const byId = (id) => document.getElementById(id);
const shown = new Map();
let acting = false;
let frame = null;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Rebuilds a part only when what it shows has changed, and puts the focus back where it was.
function render(id, value, build) {
  const text = JSON.stringify(value);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  const parent = byId(id);
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  parent.replaceChildren(...build(value));
  if (focused) parent.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function marks({ unread, pings }) {
  if (pings > 0) {
    return [element("span", { class: "mark" }, String(pings)), element("span", { class: "said" }, ` ${plural(pings, "ping")}`)];
  }
  if (unread > 0) {
    return [element("span", { class: "dot" }), element("span", { class: "said" }, ` ${plural(unread, "unread message")}`)];
  }
  return [];
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function personItem(person) {
  const button = element(
    "button",
    { type: "button", "data-person": person.key, "data-key": `p-${person.key}`, "aria-current": person.you && "true" },
    element("img", { class: "face", src: `/rehearsal/face/${person.key}.png`, width: 32, height: 32, alt: "" }),
    element("span", { class: "name" }, person.name, element("small", {}, person.part)),
    ...marks(person),
  );
  return element("li", {}, button);
}

function roomItem(room) {
  const sign = room.direct ? "@" : room.thread ? "↳" : "#";
  const button = element(
    "button",
    {
      type: "button",
      "data-room": room.id,
      "data-key": `r-${room.id}`,
      "aria-current": room.here && "page",
      class: room.unread ? "unread" : null,
    },
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    element("span", { class: "name" }, room.name),
    room.private && !room.direct ? element("span", { class: "lock", title: "Not everybody sees this channel" }, "private") : null,
    ...marks(room),
  );
  return element("li", { class: room.thread ? "thread" : null }, button);
}

function roomGroups(rooms) {
  const groups = new Map();
  for (const room of rooms) groups.set(room.category, [...(groups.get(room.category) ?? []), room]);
  return [...groups].map(([category, members], index) =>
    element(
      "section",
      {},
      element("h3", { id: `group-${index}` }, category || "Without a category"),
      element("ul", { class: "rooms", "aria-labelledby": `group-${index}` }, ...members.map(roomItem)),
    ),
  );
}

function dueItem(due) {
  return element(
    "li",
    { class: due.late ? "late" : null },
    element("p", { class: "at" }, element("strong", {}, due.at), ` ${due.in}`),
    element("p", { class: "what" }, due.words),
    element("p", { class: "why" }, due.reason),
  );
}

function dueList(dues) {
  if (dues.length) return dues.map(dueItem);
  return [element("li", { class: "none" }, "Nothing is due. Declare an incident and its clocks start here.")];
}

function show(state) {
  byId("server").textContent = state.server;
  byId("now").textContent = state.clock;
  byId("now").dateTime = state.now;
  byId("day").textContent = state.day;
  document.title = `${state.clock} · Rehearsal · Vigil`;
  render("people", state.people, (people) => people.map(personItem));
  render("rooms", state.rooms, roomGroups);
  render("due", state.due, dueList);
  const pings = state.people.reduce((sum, person) => sum + person.pings, 0);
  tabMark("tab-pings", pings);
  tabMark("tab-due", state.due.length);
  if (state.frame && state.frame !== frame) {
    frame = state.frame;
    byId("frame").contentWindow.location.replace(state.frame);
  }
  const me = state.people.find((person) => person.you);
  const room = state.rooms.find((one) => one.here);
  byId("frame").title = `${room?.direct ? "Direct messages with Vigil" : `#${room?.name}`}, as ${me?.name} sees it`;
}

function tabMark(id, count) {
  byId(id).hidden = count === 0;
  byId(id).textContent = String(count);
}

function say(text, kind = "told") {
  const notice = byId("notice");
  notice.textContent = text;
  notice.dataset.kind = kind;
}

function panel(name) {
  document.body.dataset.panel = name;
  for (const tab of document.querySelectorAll("[data-show]")) tab.setAttribute("aria-pressed", String(tab.dataset.show === name));
}

async function act(path, body, told) {
  if (acting) return;
  acting = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`/rehearsal/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    const state = await answer.json();
    show(state);
    if (state.problem) say(state.problem, "problem");
    else say(told(state));
  } catch {
    say("The rehearsal does not answer. It may have been stopped where it was started.", "problem");
  } finally {
    acting = false;
    document.body.removeAttribute("aria-busy");
  }
}

async function poll() {
  if (!acting && !document.hidden) {
    try {
      const answer = await fetch("/rehearsal/state");
      const state = await answer.json();
      if (!acting) show(state);
      if (byId("notice").dataset.kind === "gone") say("");
    } catch {
      if (!acting) say("The rehearsal has stopped. Start it again where you started it.", "gone");
    }
  }
  setTimeout(poll, EVERY_MS);
}

function rung(state) {
  const names = state.people.filter((person) => person.pings > 0 && !person.you).map((person) => person.name);
  return names.length ? ` Waiting for ${names.join(" and ")}: a ping.` : "";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { minutes, person, room, show: tab } = button.dataset;
  if (tab) panel(tab);
  else if (minutes) act("wait", { minutes: Number(minutes) }, (state) => `It is ${state.clock}.${rung(state)}`);
  else if (button.id === "next") act("next", {}, (state) => `It is ${state.clock}.${rung(state)}`);
  else if (button.id === "restart") act("restart", {}, () => "Vigil was ended and has started again on the same records.");
  else if (person) {
    act("look", { person }, (state) => `You are ${state.people.find((one) => one.you)?.name}.`);
  } else if (room) {
    act("look", { room }, (state) => `You are in ${state.rooms.find((one) => one.here)?.name}.`).then(() => panel("chat"));
  }
});

panel("chat");
poll();
