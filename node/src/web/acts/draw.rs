//! Forms as pages show them.

use super::table::{FIRST, FOR_US, TO_SENDER};
use super::{Row, TABLE, Voice};
use crate::api::care::{LineView, ThreadView};
use crate::forms::{self, Lang};
use crate::http::csrf::Tokens;
use crate::web::form::{Fact, Ground, Input, Lists, Source, Typed, Wrong};
use crate::web::words;
use crate::zones;
use askama::Template;
use belay_protocol::referral::due::Timer;
use belay_protocol::referral::{Information, Stage};
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use serde_json::Value;

/// Name of the field for who of a partner off the network said it.
pub const HEARD: &str = "heard-from";
/// Name of the field that says where the referral stood when the form was drawn.
pub const STOOD: &str = "stood";
/// Name of the field that says that the hint about words was seen.
pub const AS_IT_IS: &str = "as-it-is";

/// One form.
#[derive(Template)]
#[template(path = "act_form.html")]
pub struct Drawn {
    pub row: &'static Row,
    /// In which words.
    pub voice: Voice,
    /// Of the page, below which forms lie; and the last part of this one's address.
    pub href: String,
    pub slug: String,
    pub csrf: Tokens,
    /// See [`STOOD`].
    pub stood: String,
    /// Who said it, where the partner is not on the network and somebody there may have.
    pub heard: Option<Personal<String>>,
    pub heard_wrong: Option<String>,
    pub fields: Vec<Fact>,
    /// Words in it that could put the person first: it was not sent yet, and is as it stands when it is sent once more.
    pub hint: Option<String>,
    /// What was refused about the form as a whole.
    pub trouble: Option<String>,
    /// It was refused: it stands open.
    pub open: bool,
}

impl Drawn {
    /// It ends something, and is folded away until somebody means to. What the other side answered is what the page is for.
    #[must_use]
    pub const fn folds(&self) -> bool {
        self.row.grave && !self.open && !self.voice.theirs
    }

    /// A list stands in it that has room for one more row.
    fn grows(&self) -> bool {
        self.fields.iter().any(Fact::grows)
    }
}

/// Who looks at the forms, and when.
pub struct Sight<'s> {
    pub staff: &'s Personal<String>,
    pub csrf: &'s Tokens,
    pub now: Time,
}

/// What was posted and refused, or comes back to be looked at once more.
pub struct Tried<'t> {
    pub slug: &'t str,
    pub typed: &'t Typed,
    pub wrong: &'t [Wrong],
    pub why: &'t str,
    /// It was not refused: `why` is a hint about words.
    pub hinted: bool,
}

/// The forms that the thread allows now, in the order of the table. What was refused is filled as it was typed; else each is filled
/// with what is known.
pub fn draw(view: &ThreadView, sight: &Sight<'_>, tried: Option<&Tried<'_>>) -> Vec<Drawn> {
    let needs =
        view.follow.needs.iter().map(|need| (need.need.id.to_string(), forms::need(&need.need, Lang::En))).collect();
    let mistaken = view.history.iter().filter(|line| line.may_be_mistaken || line.strike_untold);
    let entries = mistaken.map(|line| (line.entry.to_string(), entry(line))).collect();
    let lists = Lists([(Source::Needs, needs), (Source::Entries, entries)].into());
    let allowed = TABLE.iter().filter(|row| view.may.iter().any(|act| act == row.act));
    allowed
        .map(|row| {
            let (slug, voice) = (row.slug(), row.voice(view.row.off_network));
            let tried = tried.filter(|tried| tried.slug == slug);
            let ground = Ground {
                slug: &slug,
                now: sight.now,
                visit: view.moves().map(|visit| visit.at),
                known: &known(row, view, sight.staff),
                lists: &lists,
                first: None,
                tried: tried.map(|tried| (tried.typed, tried.wrong)),
            };
            Drawn {
                fields: with_first(named_for(view, ground.fields(voice.fields))),
                // What was drawn goes on with what was typed: a form that comes back for another reason was not looked at anew.
                stood: tried
                    .map(|tried| tried.typed.get(STOOD))
                    .filter(|drawn| !drawn.is_empty())
                    .map_or_else(|| stood(view), str::to_owned),
                href: format!("/threads/{}", view.row.id),
                csrf: sight.csrf.clone(),
                heard: view.row.off_network.then(|| tried.map(|t| t.typed.get(HEARD)).unwrap_or_default().into()),
                heard_wrong: tried
                    .and_then(|tried| tried.wrong.iter().find(|(of, _)| of == HEARD))
                    .map(|(_, sentence)| sentence.clone()),
                hint: tried.filter(|tried| tried.hinted).map(|tried| tried.why.to_owned()),
                trouble: tried.filter(|t| !t.hinted && !t.why.is_empty()).map(|tried| tried.why.to_owned()),
                open: tried.is_some(),
                slug: slug.clone(),
                voice,
                row,
            }
        })
        .collect()
}

/// Where a referral stands, and its newest entry: by it a form that is posted later knows what came in between.
fn stood(view: &ThreadView) -> String {
    let newest = view.history.last().map(|line| line.entry.to_string()).unwrap_or_default();
    format!("{newest} {}", view.row.state)
}

/// What came since a form was drawn and led the referral elsewhere, as far as the page says it; `None`: it stands where it stood.
#[must_use]
pub fn meanwhile(view: &ThreadView, drawn: &str) -> Option<Personal<String>> {
    let (newest, state) = drawn.split_once(' ')?;
    if state == view.row.state {
        return None;
    }
    let known = view.history.iter().position(|line| line.entry.to_string() == newest).map_or(0, |at| at + 1);
    let since = view.history.iter().skip(known).filter(|line| line.without_effect.is_none());
    let said: Vec<String> = since
        .map(|line| {
            let of = if line.org_name.is_empty() { String::new() } else { format!(" of {}", line.org_name) };
            format!("{}{of}: {} ({})", line.staff.reveal(), line.act, words::when(line.at))
        })
        .collect();
    let said = if said.is_empty() { "it stands elsewhere by now".to_owned() } else { said.join("; ") };
    Some(Personal::new(format!(
        "Nothing was saved, since this happened while you were writing: {said}. Look at what stands here now, and press the button again if you \
         still mean it."
    )))
}

/// A note to the sender is one where it may be told.
fn named_for(view: &ThreadView, mut fields: Vec<Fact>) -> Vec<Fact> {
    let left_out = view.left_out.iter().any(|one| one.information == Information::Referral);
    if view.row.direction == "incoming" && (!view.row.answerable || view.row.ended.is_some() || left_out) {
        fields.iter_mut().filter(|fact| fact.label == TO_SENDER).for_each(|fact| fact.label = FOR_US);
    }
    fields
}

/// What somebody writes freely has the sentence about words beside it, where nothing else is said there.
fn with_first(mut fields: Vec<Fact>) -> Vec<Fact> {
    for fact in fields.iter_mut().filter(|fact| matches!(fact.input, Input::Text(..)) && fact.hint.is_empty()) {
        fact.hint = FIRST;
    }
    fields
}

/// An entry, to choose among others.
fn entry(line: &LineView) -> Personal<String> {
    let when = line.when.unwrap_or(line.at);
    Personal::new(format!("{} {}, written {}", line.act, words::when(when), words::when(line.at)))
}

/// What is known of an act before anybody fills in its form: the plan that holds, the appointment that moves, who is writing.
fn known(row: &Row, view: &ThreadView, staff: &Personal<String>) -> Value {
    let json = |value: Result<Value, serde_json::Error>| value.unwrap_or_default();
    match row.act {
        "crisis plan" => view.follow.our_crisis.as_ref().map(|plan| json(serde_json::to_value(plan))),
        "medication" => view.follow.our_medication.as_ref().map(|list| json(serde_json::to_value(list))),
        "reschedule" => view.moves().map(|visit| {
            // Elsewhere it stays there, unless somebody says otherwise.
            let zone = Some(&visit.zone.name).filter(|name| ***name != *zones::here());
            serde_json::json!({"to": {"zone": zone, "mode": visit.mode, "place": visit.place, "note": visit.note}})
        }),
        // Said again: what was missed here, where that was told to nobody.
        "no-show" => view.missed_here.map(|when| serde_json::json!({ "when": when })),
        // Said again: when the person came, where that was told to nobody.
        "attend" => view.came_here.map(|when| serde_json::json!({ "when": when })),
        "handoff" => Some(serde_json::json!({ "from": staff })),
        "check-in" => view
            .row
            .due
            .iter()
            .find_map(|due| match due.timer {
                Timer::CheckIn { day } => Stage::ALL.iter().find(|(_, stage)| stage.days() == u64::from(day)),
                _ => None,
            })
            .map(|(word, _)| serde_json::json!({ "stage": word })),
        _ => None,
    }
    .unwrap_or_default()
}
