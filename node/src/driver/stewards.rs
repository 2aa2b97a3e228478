//! What `status` says about the coalition's stewards: too few, too many lost, a proposal that waits, one who signed twice.

use crate::ops::conditions::{self, Conditions, Severity};
use belay_protocol::coalition::charter::{acting, waits_for};
use belay_protocol::engine::Engine;
use belay_protocol::fault::Result;
use belay_protocol::ids::OrgId;
use belay_protocol::limits;
use belay_protocol::space::{Proposed, Roster};
use belay_protocol::store::View;

/// What a steward is advised to do about the charter, where there are organisations enough for more stewards.
#[must_use]
pub fn advice(roster: &Roster) -> Option<String> {
    let acting = acting(roster);
    let members = roster.orgs.values().filter(|member| !member.removed).count();
    (acting < limits::STEWARDS_ADVISED && members >= limits::STEWARDS_ADVISED).then(|| {
        let (have, those) = match acting {
            0 => ("no steward".to_owned(), "without one"),
            1 => ("one steward".to_owned(), "if it is lost"),
            many => (format!("{many} stewards"), "if they are lost"),
        };
        format!(
            "the coalition has {have}: {those}, nobody lets anybody in and nobody can be removed; it should have {} or more",
            limits::STEWARDS_ADVISED
        )
    })
}

/// Says, or no longer says, what holds now.
///
/// # Errors
/// `Store`.
pub fn judge(engine: &mut Engine, view: &dyn View, conditions: &Conditions) -> Result<()> {
    let own = engine.org();
    let (mut few, mut lost, mut waits, mut double) = (None, None, None, None);
    for coalition in engine.coalitions(view)? {
        if engine.space_records(view)?.iter().all(|r| r.space != coalition) || engine.is_out(view, coalition)? {
            continue;
        }
        let roster = engine.roster(view, coalition)?;
        let open = engine.proposals(view, coalition)?;
        few = few.or(advice(&roster).filter(|_| roster.is_steward(&own)));
        lost = lost.or(too_many_lost(&roster));
        waits = waits.or(asked(&open, &roster, &own));
        double = double.or(signed_twice(&roster));
    }
    let next = "belay steward propose --add ORG --add ORG";
    conditions.hold(conditions::FEW_STEWARDS, Severity::Info, few, Some(next));
    conditions.hold(conditions::STEWARDS_LOST, Severity::Warning, lost, Some("belay steward list"));
    conditions.hold(conditions::PROPOSAL, Severity::Warning, waits, Some("belay steward list"));
    conditions.hold(conditions::DOUBLE_SIGNER, Severity::Warning, double, Some("belay steward list"));
    Ok(())
}

fn too_many_lost(roster: &Roster) -> Option<String> {
    let (_, charter) = roster.chain.in_force()?;
    let (acting, of) = (acting(roster), charter.stewards.len());
    let removes = acting >= charter.threshold as usize;
    let follows = acting >= charter.majority();
    let what = match (removes, follows) {
        (true, true) => return None,
        (false, true) => "nobody can be removed",
        (true, false) => "no other stewards can be named",
        (false, false) => "nobody can be removed, and no other stewards named",
    };
    Some(format!(
        "{acting} of {of} stewards can still act: {what}. What is shared goes on; the guide's chapter on stewards tells the way out"
    ))
}

fn asked(proposals: &[Proposed], roster: &Roster, own: &OrgId) -> Option<String> {
    match proposals.iter().filter(|proposed| waits_for(proposed, roster, own)).count() {
        0 => None,
        1 => Some("a proposal to the stewards waits for this organisation's approval".to_owned()),
        many => Some(format!("{many} proposals to the stewards wait for this organisation's approval")),
    }
}

fn signed_twice(roster: &Roster) -> Option<String> {
    let names: Vec<String> = roster.chain.double.iter().map(|org| roster.name_of(org)).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} approved two charters of one number, and both were adopted; everywhere the one with more approvals is in \
             force. Telephone, to learn whether that was a mistake or a stolen node",
            names.join(", ")
        )
    })
}
