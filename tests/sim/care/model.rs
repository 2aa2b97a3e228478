//! Who may know what: the simplest thing that could be right. It is told what was asked for, signed, taken back, placed and opened, and
//! which of that a node had heard, and says of each word which organisations may ever read it. It never asks the program's own
//! decision.

use super::words::Word;
use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::referral::{Information, Stands};
use belay_protocol::space::control::PartnerKind;
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// An organisation by its number in the history.
pub type Org = usize;

/// What for a consent lets something be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    Treatment,
    Tpo,
    Payment,
    /// Placed in advance, to be opened in an emergency and not before.
    Emergency,
    /// Of a release, in criminal justice (2.35).
    Supervision,
}

impl Why {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Tpo => "tpo",
            Self::Payment => "payment",
            Self::Emergency => "emergency",
            Self::Supervision => "supervision",
        }
    }
}

/// That one organisation may tell another one kind of information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    pub from: Org,
    pub to: Org,
    pub kind: Information,
    pub why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    On(Time),
    /// At an event, which has come about or not.
    Event(bool),
    Never,
}

/// What was agreed to leave out (2.26).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The words in which it was asked for: no two are the same.
    pub asked: Word,
    /// For whom; nobody: for all.
    pub to: Option<Org>,
    /// None: all kinds.
    pub kinds: BTreeSet<Information>,
}

/// What the person signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub ways: BTreeSet<Way>,
    pub end: End,
    pub left_out: Vec<LeftOut>,
    /// Of criminal justice: from when on it can be taken back (2.35(c)).
    pub revocable: Option<Time>,
    /// Counselling notes stand beside something else: it must never be signed (2.31(b)).
    pub mixed: bool,
    /// Who works on one thread, the keeper among them. Empty: nobody does.
    pub team: Vec<Org>,
}

impl Terms {
    /// Whether it may be amended here: what stands alone is drafted anew.
    pub fn plain(&self) -> bool {
        let alone = |way: &Way| way.kind == Information::Counselling;
        self.revocable.is_none() && !self.ways.iter().any(alone)
    }

    /// Whether both are of one class, and let something of the same kind be told between the same two, of whom one is `party`.
    pub fn shares(&self, other: &Self, party: Org) -> bool {
        let alone = |terms: &Self| terms.ways.iter().any(|way| way.kind == Information::Counselling);
        let class = |terms: &Self| (terms.revocable.is_some(), alone(terms));
        let between = |terms: &Self| -> BTreeSet<(Org, Org, Information)> {
            let with = terms.ways.iter().filter(|way| way.from == party || way.to == party);
            with.map(|way| (way.from, way.to, way.kind)).collect()
        };
        class(self) == class(other) && !between(self).is_disjoint(&between(other))
    }
}

/// Where a consent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub terms: Terms,
    /// Revoked as a whole, or known to be false.
    pub over: bool,
    /// Who agreed to leave something out, and hears everything all the same.
    pub keeper: Org,
    /// When this was signed, by the clock of who recorded it.
    pub recorded: Time,
    /// When the person took all of it back.
    pub revoked: Option<Time>,
    /// Whom the person took out, and when; `None`: by what was said under another record of the same person.
    pub withdrawn: BTreeMap<Org, Option<Time>>,
}

impl State {
    /// Whether what was signed has run out, for who reads this clock.
    pub fn ended(&self, now: Time) -> bool {
        self.over || self.terms.end == End::Event(true) || matches!(self.terms.end, End::On(at) if at <= now)
    }

    /// Whether it lets `from` tell `to` something of this kind. `placed`: as a copy for emergencies; else in a referral.
    pub fn permits(
        &self,
        orgs: &[PartnerKind],
        from: Org,
        to: Org,
        kind: Information,
        placed: bool,
        now: Time,
    ) -> bool {
        let way = self.terms.ways.iter().any(|way| {
            (way.from, way.to, way.kind, way.why == Why::Emergency) == (from, to, kind, placed)
                && match orgs[to] {
                    // The police neither treat nor pay, and a jail is reached by no single consent for all of that.
                    PartnerKind::LawEnforcement => false,
                    PartnerKind::CriminalJustice => {
                        way.why == Why::Supervision || (way.why == Why::Treatment && self.terms.end != End::Never)
                    }
                    _ => true,
                }
        });
        let left_out = self.terms.left_out.iter().any(|one| {
            one.to.map_or(to != self.keeper, |whom| whom == to) && (one.kinds.is_empty() || one.kinds.contains(&kind))
        });
        let gone = |org| self.withdrawn.contains_key(&org);
        way && !left_out && !self.ended(now) && !gone(from) && !gone(to)
    }

    /// The same of what its keeper tells in a referral for one of the purposes, where staff chose one (2.31(a)(5)).
    pub fn permits_for(
        &self,
        orgs: &[PartnerKind],
        (to, kind): (Org, Information),
        why: Option<Why>,
        now: Time,
    ) -> bool {
        let named = |why: Why| {
            let mut ways = self.terms.ways.iter().filter(|way| (way.from, way.to, way.kind) == (self.keeper, to, kind));
            // All three purposes as one cover each of them.
            ways.any(|way| [why, Why::Tpo].contains(&way.why))
        };
        self.permits(orgs, self.keeper, to, kind, false, now) && why.is_none_or(named)
    }

    /// Who is named in it besides its keeper, whether taken out or not.
    pub fn others(&self) -> BTreeSet<Org> {
        let all = self.terms.ways.iter().flat_map(|way| [way.from, way.to]);
        all.filter(|org| *org != self.keeper).collect()
    }

    /// For whom the person took this very one back, and when.
    pub fn taken_back(&self) -> Vec<(Org, Time)> {
        let apart = self.withdrawn.iter().filter_map(|(org, at)| Some((*org, (*at)?)));
        let whole = self.revoked.into_iter().flat_map(|at| self.others().into_iter().map(move |org| (org, at)));
        apart.chain(whole).collect()
    }
}

/// Something that changed where a consent stands, and the entries by which others hear of it.
#[derive(Debug, Clone)]
pub struct Ruling {
    pub state: State,
    pub entries: Vec<(EntryHash, SpaceId)>,
}

/// A consent, at the organisation that keeps it.
#[derive(Debug, Clone)]
pub struct Consent {
    pub id: String,
    pub keeper: Org,
    pub person: usize,
    /// Written and not signed, and how many rulings there were when it was written.
    pub draft: Option<(Terms, usize)>,
    /// Empty: never signed.
    pub rulings: Vec<Ruling>,
    /// It is known to be false, which is no word of the person's.
    pub void: bool,
    /// Staff of who keeps it say that it may be false.
    pub suspended: bool,
    /// What the person said before it could be taken back (2.35(c)): for whom, and when.
    pub early: Vec<(Option<Org>, Time)>,
}

impl Consent {
    pub fn state(&self) -> Option<&State> {
        self.rulings.last().map(|ruling| &ruling.state)
    }
}

/// A person in one organisation's records. The same person elsewhere is another.
#[derive(Debug, Clone)]
pub struct Person {
    pub org: Org,
    pub id: String,
    pub name: Word,
    pub birth_date: String,
    /// Everything that says who the person is, the name among it.
    pub identity: Vec<Word>,
    /// What our staff wrote of crisis and medication.
    pub plans: BTreeMap<Information, Vec<Word>>,
    /// What was agreed with the person to leave out, apart from any consent.
    pub left_out: Vec<LeftOut>,
}

/// A referral.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: String,
    pub consent: usize,
    pub sender: Org,
    pub recipient: Org,
    /// Who else works on it.
    pub team: Vec<Org>,
    /// For which purpose staff chose to tell its team; `None`: for what the consent names for each.
    pub why: Option<Why>,
    pub person: usize,
    /// Whom the recipient says it is.
    pub linked: Option<usize>,
    /// The ruling under which it was sent.
    pub sent: usize,
    pub accepted: bool,
    /// What the recipient wrote of crisis and medication before it said who the person is.
    pub unlinked: Vec<(Information, Vec<Word>)>,
    /// The person revoked at the recipient.
    pub heard: bool,
    /// What was told in it, by kind.
    pub told: Vec<(Information, Word)>,
    /// Who came to its team after it was sent.
    pub newcomers: BTreeSet<Org>,
    /// Who wrote down what comes next for the person.
    pub settled: BTreeSet<Org>,
    /// Appointments that those of a team but its recipient have of their own.
    pub visits: BTreeMap<Org, Visit>,
}

/// An appointment of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    pub stands: Stands,
    pub at: Option<Time>,
}

impl Case {
    /// Everybody in it.
    pub fn all(&self) -> Vec<Org> {
        [self.sender, self.recipient].into_iter().chain(self.team.iter().copied()).collect()
    }
}

/// Entries, each with the space in which it stands.
pub type Entries = Vec<(EntryHash, SpaceId)>;

/// A copy for emergencies.
#[derive(Debug, Clone)]
pub struct Copy {
    pub person: usize,
    pub at: Org,
    pub kind: Information,
    pub consent: usize,
    pub space: SpaceId,
    /// What it says, the words of every version of it.
    pub words: Vec<Word>,
    /// When it ends by the clock, and the entries by which the emergency department hears that; the newest last.
    pub until: Vec<(Option<Time>, Entries)>,
    /// The entries by which the emergency department hears that it was taken back.
    pub ended: Option<Entries>,
    /// By whose names it is found, and the entries by which the emergency department hears that; the newest last.
    pub called: Vec<(BTreeSet<usize>, Entries)>,
}

/// A word of staff about two records: joined, or taken apart again.
#[derive(Debug, Clone, Copy)]
pub struct Joined {
    pub pair: (usize, usize),
    pub together: bool,
}

/// A copy that was shown at an emergency department.
#[derive(Debug, Clone)]
pub struct Opening {
    pub at: Org,
    pub copy: usize,
    pub entry: EntryHash,
}

/// A referral to a partner off the network.
#[derive(Debug, Clone)]
pub struct Letter {
    pub id: String,
    pub consent: usize,
    pub own: Org,
    pub to: Org,
}

/// A question that names nobody.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub space: SpaceId,
    pub to: Org,
}

/// What a partner heard: the entry, the referral, for whom alone.
pub type SaidThere = (EntryHash, usize, Option<Org>);

/// One word.
#[derive(Debug, Clone)]
pub struct Fact {
    pub author: Org,
    pub what: &'static str,
    /// Whose keys may ever open it.
    pub may: BTreeSet<Org>,
    /// Whose staff may be shown it, and whose records may hold it in clear.
    pub see: BTreeSet<Org>,
    /// It was written after the consent had ended, as far as the author's node had heard.
    pub late: bool,
}

#[derive(Debug, Default)]
pub struct Model {
    pub kinds: Vec<PartnerKind>,
    pub facts: Vec<Fact>,
    pub persons: Vec<Person>,
    /// One word a pair at most.
    pub joined: Vec<Joined>,
    pub consents: Vec<Consent>,
    pub cases: Vec<Case>,
    pub copies: Vec<Copy>,
    pub openings: Vec<Opening>,
    /// Revocations that partners heard and wrote into a referral, and those that their keeper has carried out.
    pub said: Vec<SaidThere>,
    pub carried: Vec<SaidThere>,
    pub letters: Vec<Letter>,
    /// Calls that have to be made for who keeps a consent, by who heard it taken back.
    pub heard_for: Vec<(Org, String)>,
    /// Who told whom what by telephone of a consent that ended.
    pub telephoned: BTreeSet<(Org, Org, Information)>,
    pub inquiries: Vec<Asked>,
    /// Who may pass something of which referral on to whom, as far as somebody there asked.
    pub passed: BTreeSet<(Org, Org, String)>,
    /// Consents that may be false, as somebody's staff say.
    pub doubted: Vec<super::doubts::Doubted>,
    /// What persons let in again by word, of what they had asked to leave out, with the record under which that was said.
    pub let_in: BTreeSet<(usize, Word)>,
    /// Broken glass that was answered, by organisation.
    pub attempts: BTreeMap<Org, usize>,
}

impl Model {
    /// A new word by `author`, for nobody else yet.
    pub fn word(&mut self, author: Org, what: &'static str) -> Word {
        let own: BTreeSet<Org> = [author].into();
        self.facts.push(Fact { author, what, may: own.clone(), see: own, late: false });
        self.facts.len() - 1
    }

    /// A record by its id.
    pub fn record(&self, id: &str) -> Option<usize> {
        self.persons.iter().position(|person| person.id == id)
    }

    /// The records of one human being with this one.
    pub fn together(&self, person: usize) -> BTreeSet<usize> {
        let mut all = BTreeSet::from([person]);
        loop {
            let before = all.len();
            for joined in self.joined.iter().filter(|joined| joined.together) {
                let (a, b) = joined.pair;
                if all.contains(&a) || all.contains(&b) {
                    all.extend([a, b]);
                }
            }
            if all.len() == before {
                return all;
            }
        }
    }

    /// Everything that says who the person is, under whichever record.
    pub fn identity(&self, person: usize) -> Vec<Word> {
        self.together(person).into_iter().flat_map(|record| self.persons[record].identity.clone()).collect()
    }

    /// The names by which copies for emergencies are found, under whichever record.
    pub fn names(&self, person: usize) -> Vec<Word> {
        self.together(person).into_iter().flat_map(|record| self.persons[record].identity[..2].to_vec()).collect()
    }

    /// What staff wrote of a plan, under whichever record.
    pub fn plans(&self, person: usize, kind: Information) -> Vec<Word> {
        let all = self.together(person).into_iter();
        all.flat_map(|record| self.persons[record].plans.get(&kind).cloned().unwrap_or_default()).collect()
    }

    /// Staff wrote this of a plan, while these records were one person's.
    pub fn planned(&mut self, person: usize, kind: Information, words: &[Word]) {
        for record in self.together(person) {
            self.persons[record].plans.entry(kind).or_default().extend(words);
        }
    }

    /// From now on `to` may know this.
    pub fn tell(&mut self, words: &[Word], to: Org) {
        for word in words {
            self.facts[*word].may.insert(to);
            self.facts[*word].see.insert(to);
        }
    }

    /// A referral of the consent's person goes to `to`: the reason, and who the person is where the consent lets the keeper tell that.
    pub fn refer(&mut self, consent: usize, to: Org, reason: Word, (why, now): (Option<Why>, Time)) {
        self.tell(&[reason], to);
        if self.keeper_may_for(consent, (to, Information::Identity), why, now) {
            let identity = self.identity(self.consents[consent].person);
            self.tell(&identity, to);
        }
    }

    /// Our own words of these kinds in the referrals of a person: with a new referral that asks for them, the newest go along.
    pub fn along(&self, own: Org, person: usize, include: &[Information]) -> Vec<(Information, Word)> {
        let plans = [Information::Medication, Information::Crisis].into_iter().filter(|kind| include.contains(kind));
        let words = plans.flat_map(|kind| self.plans(person, kind).into_iter().map(move |word| (kind, word)));
        words.filter(|(_, word)| self.facts[*word].author == own).collect()
    }

    /// They go to who may hear of the referral and of their kind.
    pub fn goes_along(
        &mut self,
        consent: usize,
        to: Org,
        along: &[(Information, Word)],
        (why, now): (Option<Why>, Time),
    ) {
        for (kind, word) in along {
            if [Information::Referral, *kind].iter().all(|one| self.keeper_may_for(consent, (to, *one), why, now)) {
                self.tell(&[*word], to);
            }
        }
    }

    /// From now on the keys of `to` may open this; nobody there is shown it yet.
    pub fn place(&mut self, words: &[Word], to: Org) {
        for word in words {
            self.facts[*word].may.insert(to);
        }
    }

    /// Whether the consent as it stands lets its keeper tell.
    pub fn keeper_may(&self, consent: usize, to: Org, kind: Information, placed: bool, now: Time) -> bool {
        !self.consents[consent].suspended && self.may_lie(consent, to, kind, placed, now)
    }

    /// The same, whoever doubts it: whether what lies there may stay.
    pub fn may_lie(&self, consent: usize, to: Org, kind: Information, placed: bool, now: Time) -> bool {
        let of = &self.consents[consent];
        of.state().is_some_and(|state| state.permits(&self.kinds, of.keeper, to, kind, placed, now))
    }

    /// The same of a referral for this purpose.
    pub fn keeper_may_for(&self, consent: usize, (to, kind): (Org, Information), why: Option<Why>, now: Time) -> bool {
        let of = &self.consents[consent];
        !of.suspended && of.state().is_some_and(|state| state.permits_for(&self.kinds, (to, kind), why, now))
    }

    /// Whether the consent has ended, as a whole or for this organisation.
    pub fn ended(&self, consent: usize, with: Org, now: Time) -> bool {
        self.consents[consent].state().is_some_and(|s| s.ended(now) || s.withdrawn.contains_key(&with))
    }
}
