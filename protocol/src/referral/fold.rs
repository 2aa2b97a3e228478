//! From the entries of a thread to where it stands. Pure, and the same in whatever order the entries came.

use super::act::{Act, Body, Notice};
use super::base::Information;
use super::effects::effects;
use super::order::{Order, Turn};
use super::state::{Actor, Answer, Line, Parties, State};
use super::visit::Move;
use crate::ids::{EntryHash, OrgId, ThreadId};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// An entry of one of the thread's spaces, or a local act of our private space.
#[derive(Debug, Clone)]
pub struct Placed {
    pub hash: EntryHash,
    /// The entries it follows; of a local act the newest that its author knew.
    pub parents: Vec<EntryHash>,
    /// What its own organisation had kept at itself before it told this: it comes after that, and its author is not taken to have known it.
    pub follows: Vec<EntryHash>,
    pub org: OrgId,
    pub time: Time,
    /// `None` for a control entry and for a body that does not count or can not be read: it stands for order only.
    pub body: Option<Body>,
    /// From our own private space, not from the thread.
    pub local: bool,
}

/// Folds the entries of all spaces of one thread.
#[must_use]
pub fn fold(thread: ThreadId, parties: Parties, entries: &[Placed]) -> State {
    let team = team(thread, parties.sender, entries);
    let order = Order::new(parties, &team, entries);
    let (mistakes, answered) = (BTreeMap::new(), BTreeMap::new());
    let state = State { team: !team.is_empty(), ..State::default() };
    let mut folding = Folding { thread, parties, team: &team, order: &order, mistakes, answered, state };
    folding.find_mistakes();
    for turn in &order.turns {
        folding.take(turn);
    }
    folding.state
}

/// Whom any notice of the sender names as readers of the thread of a team. Only what lies before an act lets its author tell something.
fn team(thread: ThreadId, sender: OrgId, entries: &[Placed]) -> BTreeSet<OrgId> {
    let notices = entries.iter().filter(|entry| entry.org == sender).filter_map(|entry| match &entry.body {
        Some(Body::Notice(notice)) if notice.thread == thread => Some(notice),
        Some(Body::Notice(_) | Body::Act(_) | Body::Chunk(_)) | None => None,
    });
    notices.flat_map(|notice| notice.scope.team.iter().copied()).collect()
}

struct Folding<'g> {
    thread: ThreadId,
    parties: Parties,
    team: &'g BTreeSet<OrgId>,
    order: &'g Order<'g>,
    /// What was a mistake.
    mistakes: BTreeMap<EntryHash, Mistaken<'g>>,
    /// What says so of a step on which another organisation had acted, and by which step.
    answered: BTreeMap<EntryHash, EntryHash>,
    state: State,
}

/// An act that was a mistake.
struct Mistaken<'g> {
    of: &'g Turn<'g>,
    /// All that say so and count, in canonical order: who did not know the first may have known another. The first is shown as the word,
    /// the others repeat it.
    said: Vec<&'g Turn<'g>>,
}

impl Mistaken<'_> {
    /// Whether the author of this act knew that it was one.
    fn known_to(&self, turn: &Turn<'_>) -> bool {
        self.said.iter().any(|said| turn.knew(said))
    }

    /// The word that is shown.
    fn word(&self) -> Option<EntryHash> {
        self.said.first().map(|said| said.entry.hash)
    }
}

/// Of what was a mistake.
const MISTAKE: &str = "it was a mistake, as who wrote it said later";
/// Of an act that says so of nothing.
const NO_MISTAKE: &str = "it names nothing that its author's organisation wrote there before and can strike";
/// Of an act that says so of what was struck.
const STRUCK_BEFORE: &str = "what it names was struck before";
/// Of an act that says so too late.
const ANSWERED: &str = "another organisation had acted on the step that it names";
/// Of what was said of the person after an end that was struck.
const NO_END: &str = "the end that it followed was a mistake";
/// Of a visit that is told again.
const STOOD_HERE: &str = "it stood here before";

impl<'g> Folding<'g> {
    /// What was a mistake, before anything is folded: so it never counted, whatever came between. Said by an organisation of its own alone,
    /// in the same space, by an act that knew it; what is kept at one node alone takes back what is kept there or was told. A step on which
    /// another organisation had acted, as who said so knew, stands.
    fn find_mistakes(&mut self) {
        if self.order.struck().next().is_none() {
            return;
        }
        let answers: Vec<&Turn<'_>> = self.order.answers().filter(|turn| self.may_be_said(turn)).collect();
        let mut mistakes: BTreeMap<EntryHash, Mistaken<'g>> = BTreeMap::new();
        let mut answered = BTreeMap::new();
        for (of, turn) in self.order.struck() {
            let (Some(Body::Act(wrong)), Some(Body::Act(said))) = (&of.entry.body, &turn.entry.body) else { continue };
            let Act::Mistake { information, .. } = &said.act else { continue };
            let own = of.entry.org == turn.entry.org && turn.knew(of) && (turn.entry.local || !of.entry.local);
            let fits = wrong.act.may_be_mistaken() && wrong.act.information() == *information;
            if !own || !fits || !self.may_be_said(turn) {
                continue;
            }
            // In canonical order: whatever this one knew to be struck is among them.
            let stands =
                |other: &Turn<'_>| mistakes.get(&other.entry.hash).is_none_or(|mistaken| !mistaken.known_to(turn));
            let upon = |other: &&&Turn<'_>| {
                other.entry.org != of.entry.org && turn.knew(other) && other.knew(of) && stands(other)
            };
            match answers.iter().rev().filter(|_| self.order.is_answerable(of)).find(upon) {
                Some(answer) => {
                    answered.insert(turn.entry.hash, answer.entry.hash);
                }
                None => mistakes.entry(of.entry.hash).or_insert(Mistaken { of, said: Vec::new() }).said.push(turn),
            }
        }
        (self.mistakes, self.answered) = (mistakes, answered);
    }

    fn may_be_said(&self, turn: &Turn<'_>) -> bool {
        matches!(&turn.entry.body, Some(Body::Act(signed)) if self.permitted(turn, signed.notice, &signed.act).is_ok())
    }

    /// Whether an act counts, where mistakes are concerned.
    fn meant(&self, turn: &Turn<'_>, act: &Act) -> Result<(), &'static str> {
        let entry = turn.entry;
        let unknown = |end: &Mistaken<'_>| self.order.followed(turn, end.of) && !end.known_to(turn);
        match act {
            Act::Mistake { entry: of, .. } => match self.mistakes.get(of) {
                Some(mistaken) if mistaken.word() == Some(entry.hash) => Ok(()),
                Some(mistaken) if mistaken.of.entry.org == entry.org => Err(STRUCK_BEFORE),
                _ if self.answered.contains_key(&entry.hash) => Err(ANSWERED),
                _ => Err(NO_MISTAKE),
            },
            _ if self.mistakes.contains_key(&entry.hash) => Err(MISTAKE),
            // What its author said of the person after an end is no end by itself, and nothing that comes next, where that one was none.
            Act::Close { .. } if self.mistakes.values().any(unknown) => Err(NO_END),
            _ => Ok(()),
        }
    }

    fn take(&mut self, turn: &Turn<'_>) {
        let entry = turn.entry;
        match &entry.body {
            None => {}
            Some(Body::Notice(notice)) if turn.mark.is_some() => self.notice(entry, notice),
            Some(Body::Notice(_) | Body::Chunk(_)) => {}
            Some(Body::Act(signed)) => {
                let verdict = self.permitted(turn, signed.notice, &signed.act);
                let verdict = verdict.and_then(|actor| self.meant(turn, &signed.act).map(|()| actor));
                let leads = |actor| self.state.leads((entry.org, actor), &signed.act, entry.local);
                let verdict = verdict.and_then(|actor| leads(actor).map(|leads| (actor, leads)));
                let verdict =
                    verdict.and_then(|led| if self.stood_here(turn, &signed.act) { Err(STOOD_HERE) } else { Ok(led) });
                match verdict {
                    Ok((actor, Move::Referral(place))) => {
                        let before = self.state.takes(place, &signed.act, entry.local);
                        effects(&mut self.state, entry.time, actor, before, &signed.act);
                    }
                    Ok((_, Move::Own(stands))) => self.state.take_visit(entry.org, entry.time, stands, &signed.act),
                    Err(_) => {}
                }
                self.state.history.push(Line {
                    entry: entry.hash,
                    org: entry.org,
                    by: signed.by.clone(),
                    at: entry.time,
                    act: signed.act.clone(),
                    local: entry.local,
                    own: matches!(verdict, Ok((_, Move::Own(_)))),
                    mistake: self.mistakes.get(&entry.hash).and_then(Mistaken::word),
                    answered: self.answered.get(&entry.hash).copied(),
                    without_effect: verdict.err(),
                    crossed: self.order.crossed(turn),
                });
            }
        }
    }

    /// Whether this tells what became of a visit that was kept here before, and stood: what was kept after that goes on from there, and is told
    /// in its turn. So it is in its author's own fold alone; and not where a step that the others know came in between, since it leads on
    /// from that there, and so it does here.
    fn stood_here(&self, turn: &Turn<'_>, act: &Act) -> bool {
        let (entry, history) = (turn.entry, &self.state.history);
        let kept = |line: &Line| {
            line.local && line.org == entry.org && line.without_effect.is_none() && line.act.same_visit(act)
        };
        let Some(at) = history.iter().rposition(kept) else { return false };
        let own = history.get(at).is_some_and(|line| line.own);
        let told = |line: &Line| {
            let moved = !line.local && line.without_effect.is_none() && line.act.moves();
            moved && line.own == own && (!own || line.org == entry.org)
        };
        !entry.local && !entry.follows.is_empty() && !history.iter().skip(at + 1).any(told)
    }

    fn notice(&mut self, entry: &Placed, notice: &Notice) {
        if entry.org != self.parties.sender || notice.thread != self.thread {
            return;
        }
        if notice.scope.opens(self.parties.recipient, self.parties.sender, Information::Referral) {
            self.state.answer = Answer::Permitted;
        }
        match self.state.scopes.iter_mut().find(|(kind, _)| *kind == notice.information) {
            Some((_, scope)) if scope.version <= notice.scope.version => *scope = notice.scope.clone(),
            Some(_) => {}
            None => self.state.scopes.push((notice.information, notice.scope.clone())),
        }
    }

    /// Whether the author may say this here at all, and in which part.
    fn permitted(&self, turn: &Turn<'_>, under: EntryHash, act: &Act) -> Result<Actor, &'static str> {
        let entry = turn.entry;
        let actor = self.parties.actor_of(entry.org, self.team).ok_or("its author has no part in this referral")?;
        if turn.mark.is_none() {
            return Err("its author wrote more acts in this referral than count");
        }
        if entry.local {
            return Ok(actor);
        }
        let kind = act.information();
        let given = self
            .order
            .notices_before(turn)
            .any(|(e, n)| e.hash == under && e.org == entry.org && n.thread == self.thread && n.information == kind);
        if !given {
            return Err("no notice of its author goes with it (42 CFR 2.32)");
        }
        let open = self
            .order
            .notices_before(turn)
            .filter(|(e, n)| e.org == self.parties.sender && n.thread == self.thread)
            .any(|(_, n)| self.lets(n, entry.org, actor, kind));
        if open { Ok(actor) } else { Err("the consent does not let its author tell this (42 CFR 2.31(a)(2))") }
    }

    /// Whether what this notice says of the consent lets its author tell this kind to the other, or to all who read that space of a team.
    fn lets(&self, notice: &Notice, author: OrgId, actor: Actor, kind: Information) -> bool {
        if !notice.scope.team.is_empty() {
            return notice.information == kind && notice.scope.tells_team(author, kind);
        }
        let other = match actor {
            Actor::Sender => self.parties.recipient,
            Actor::Recipient => self.parties.sender,
            Actor::Member => return false,
        };
        notice.scope.opens(author, other, kind)
    }
}
