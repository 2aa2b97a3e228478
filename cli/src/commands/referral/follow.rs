//! What happens around a referral: handoff, needs, transitions, sightings, check-ins, tries to reach somebody.

use super::{Note, On, one_of, written_as};
use crate::args::StaffArgs;
use crate::commands::Context;
use crate::commands::before::stand_in;
use crate::trouble::Result;
use crate::words::Words;
use belay_node::api::care::{ActRequest, Care, CheckInRequest, NeedRequest};
use belay_node::system;
use belay_protocol::referral::{
    Attempt, Channel, Handoff, Housing, Leaving, Mode, NeedKind, NeedOwner, NeedStatus, Reached, Seen, Setting, Stage,
    Support, Symptoms, TeachBack, Transition, Work,
};
use belay_protocol::time::Time;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Record that one person introduced the next, with the person being helped there
    Handoff {
        #[arg(long, value_name = "MODE", default_value = "in_person", value_parser = one_of(Mode::ALL))]
        mode: Mode,
        /// When [default: now]
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        at: Option<Time>,
        /// Who handed over: `@FILE` [default: asked for]
        #[arg(long, value_name = "@FILE")]
        from: Option<Words>,
        /// Who took over: `@FILE` [default: asked for]
        #[arg(long, value_name = "@FILE")]
        to: Option<Words>,
        /// The person said in their own words what comes next and why
        #[arg(long, value_name = "RESULT", default_value = "not_asked", value_parser = one_of(TeachBack::ALL))]
        teach_back: TeachBack,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Write down what the person needs besides, or change it: rank, who sees to it, what comes next
    Need(Box<NeedArgs>),
    /// Say when the person leaves hospital, residential care or custody; two weeks of watch follow
    Transition {
        #[arg(long, value_name = "FROM", value_parser = one_of(Leaving::ALL))]
        leaving: Leaving,
        /// Planned or actual
        #[arg(long = "on", value_name = "TIME", value_parser = system::begin)]
        day: Time,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Tell the other organisation that the person is here: in the emergency department, admitted, in custody, released
    Seen {
        #[arg(long, value_name = "WHERE", value_parser = one_of(Setting::ALL))]
        setting: Setting,
        /// When [default: now]
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        at: Option<Time>,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Record how it goes at the start, after 30, 90 and 180 days; what was not asked is left out
    #[command(name = "checkin")]
    CheckIn(Box<CheckInArgs>),
    /// Raise the alarm that nobody can reach the person; this ends nothing
    Lost {
        /// When the person was last heard of
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        since: Option<Time>,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
    /// Strike an entry or a step of ours that was a mistake, such as a wrong end: it stays in the history with the reason, and counts no more
    #[command(visible_alias = "strike")]
    Mistake {
        thread: String,
        /// Its id in `referral show`, or the beginning of it
        entry: String,
        /// What was wrong about it: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Record a try to reach the person
    Reach {
        #[arg(long, value_name = "HOW", value_parser = one_of(Channel::ALL))]
        channel: Channel,
        #[arg(long, value_name = "RESULT", value_parser = one_of(Reached::ALL))]
        result: Reached,
        /// When [default: now]
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        at: Option<Time>,
        #[command(flatten)]
        note: Note,
        #[command(flatten)]
        on: On,
    },
}

#[derive(Debug, clap::Args)]
pub struct NeedArgs {
    /// The need that changes, by its number in `referral show`, or by id [default: a new one]
    #[arg(long, value_name = "NEED")]
    need: Option<String>,
    #[arg(long, value_name = "KIND", value_parser = one_of(NeedKind::ALL))]
    kind: Option<NeedKind>,
    /// What is needed: `@FILE`, or `@-` for standard input
    #[arg(long, value_name = "@FILE")]
    text: Option<Words>,
    /// 1 is the most urgent [default: the last]
    #[arg(long, value_name = "N")]
    rank: Option<u16>,
    /// Which side sees to it
    #[arg(long, value_name = "OWNER", value_parser = one_of(NeedOwner::ALL))]
    owner: Option<NeedOwner>,
    /// Who does: `@FILE`
    #[arg(long, value_name = "@FILE")]
    who: Option<Words>,
    /// What is done next: `@FILE`
    #[arg(long, value_name = "@FILE")]
    next: Option<Words>,
    #[arg(long, value_name = "STATUS", value_parser = one_of(NeedStatus::ALL))]
    status: Option<NeedStatus>,
    #[command(flatten)]
    on: On,
}

#[derive(Debug, clap::Args)]
pub struct CheckInArgs {
    /// Which one [default: the one that is due]
    #[arg(long, value_name = "DAY", value_parser = one_of(Stage::ALL))]
    day: Option<Stage>,
    /// When it was asked [default: now]
    #[arg(long, value_name = "TIME", value_parser = system::begin)]
    at: Option<Time>,
    /// Whether the person is still in care
    #[arg(long, value_name = "YES", value_parser = one_of(&YES))]
    in_care: Option<bool>,
    /// 1 (bad) to 5 (good)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    satisfaction: Option<u8>,
    /// Naloxone kits given since the last check-in
    #[arg(long, value_name = "N")]
    naloxone_kits: Option<u16>,
    #[arg(long, value_name = "HOUSING", value_parser = one_of(Housing::ALL))]
    housing: Option<Housing>,
    #[arg(long, value_name = "WORK", value_parser = one_of(Work::ALL))]
    work: Option<Work>,
    /// People to turn to
    #[arg(long, value_name = "SUPPORT", value_parser = one_of(Support::ALL))]
    support: Option<Support>,
    #[arg(long, value_name = "SYMPTOMS", value_parser = one_of(Symptoms::ALL))]
    symptoms: Option<Symptoms>,
    /// A few words on the symptoms: `@FILE`
    #[arg(long, value_name = "@FILE", requires = "symptoms")]
    note: Option<Words>,
    #[command(flatten)]
    on: On,
}

const YES: [(&str, bool); 2] = [("yes", true), ("no", false)];

pub fn run(context: &Context, command: Command) -> Result<()> {
    let now = belay_node::system::now;
    let (act, on) = match command {
        Command::Handoff { mode, at, from, to, teach_back, note, on } => {
            let (at, note, typed) = (at.unwrap_or_else(now), note.words(), from.is_none() || to.is_none());
            let handoff =
                |from, to| ActRequest::Handoff(Handoff { mode, at, from, to, teach_back, note: note.clone() });
            let login = context.before(&on.staff, typed, || on.ask(handoff(stand_in(), stand_in())))?;
            let from = Words::or_ask(from, "Who handed over", "--from")?;
            let to = Words::or_ask(to, "Who took over", "--to")?;
            return written_as(context, || Ok(login), on.ask(handoff(from, to)));
        }
        Command::Need(need) => {
            let given = |words: Option<Words>| words.map(|words| Words::or_empty(Some(words)));
            let request = NeedRequest {
                need: need.need,
                kind: need.kind,
                text: given(need.text),
                rank: need.rank,
                owner: need.owner,
                who: given(need.who),
                next: given(need.next),
                status: need.status,
            };
            (ActRequest::Need(request), need.on)
        }
        Command::Transition { leaving, day, note, on } => {
            (ActRequest::Transition(Transition { leaving, on: day, note: note.words() }), on)
        }
        Command::Seen { setting, at, note, on } => {
            (ActRequest::Seen(Seen { setting, at: at.unwrap_or_else(now), note: note.words() }), on)
        }
        Command::CheckIn(asked) => {
            let request = CheckInRequest {
                stage: asked.day,
                at: asked.at,
                in_care: asked.in_care,
                satisfaction: asked.satisfaction,
                naloxone_kits: asked.naloxone_kits,
                housing: asked.housing,
                work: asked.work,
                support: asked.support,
                symptoms: asked.symptoms,
                symptoms_note: Words::or_empty(asked.note),
            };
            (ActRequest::CheckIn(request), asked.on)
        }
        Command::Lost { since, note, on } => (ActRequest::Lost { since, note: note.words() }, on),
        Command::Mistake { thread, entry, why, staff } => {
            let ask = |why| {
                let act = ActRequest::Mistake { entry: entry.clone(), why };
                Care::ReferralAct { thread: thread.clone(), act }
            };
            let (login, why) = context.text(&staff, why, ("What was wrong about it", "--why"), ask)?;
            return written_as(context, || Ok(login), ask(why));
        }
        Command::Reach { channel, result, at, note, on } => {
            let at = at.unwrap_or_else(now);
            (ActRequest::Attempt(Attempt { at, channel, result, note: note.words() }), on)
        }
    };
    on.act(context, act)
}
