//! What this node looks at in itself and says in `status`: standing, company, clock.

use super::Core;
use crate::driver::standing;
use crate::ops::conditions::{self, Severity};
use crate::system;
use belay_protocol::engine::Backup;
use belay_protocol::ids::{NodeId, OrgId};
use belay_protocol::limits;
use belay_protocol::time::Time;
use libp2p::Multiaddr;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// How long nobody may answer before `status` says so: a restart, or a line that dropped, is shorter.
const ALONE: Duration = Duration::from_secs(60);

/// How long a node may run before it says that nobody keeps its records.
const BACKED_UP: Duration = Duration::from_secs(600);

impl Core {
    /// A peer says that our organisation retired this node. Only its word, until the retirement itself has come, which it never
    /// does where every link is closed; so it is told and nothing is done.
    pub(in crate::driver) fn told_retired(&mut self, by: NodeId) {
        self.retired_by = Some(by);
        self.conditions.set(
            conditions::RETIRED,
            Severity::Warning,
            format!(
                "node {} says that this node was retired by its organisation, and lets it in no more. That is its word alone: look at another \
                 node of this organisation before anything is done. If it is so, stop this one and destroy its data folder",
                by.short()
            ),
            Some("belay node list, at another node of this organisation"),
        );
    }

    /// A node took this one as a member: that another one says it was retired is answered.
    pub(super) fn let_in(&mut self, by: NodeId) {
        if self.retired_by.take_if(|said| *said != by).is_some() {
            self.conditions.clear(conditions::RETIRED);
        }
    }

    pub(super) fn judge_standing(&mut self) {
        let judged = standing::judge(&mut self.engine, &self.store, &self.conditions, system::now());
        if let Err(fault) = judged {
            tracing::warn!(why = %fault.message, "this node's own standing was not looked at");
        }
        if let Ok(members) = standing::members(&mut self.engine, &self.store) {
            *self.members.write().unwrap_or_else(PoisonError::into_inner) = members;
        }
    }

    /// Whether some partner could give this organisation's own records back. A node that has only begun is given its time.
    pub(super) fn judge_backup(&mut self, now: Instant) {
        if now.duration_since(self.began) < BACKED_UP {
            return;
        }
        let clock = system::now();
        let keepers = self.engine.keepers(&self.store).unwrap_or_default();
        let held = self.engine.backups(&self.store).unwrap_or_default();
        let kept = keepers.iter().filter_map(|org| held.get(org)).any(|held| is_fresh(held, clock));
        let sentence = (!keepers.is_empty() && !kept).then(|| {
            "no partner has had all of this organisation's own records for seven days (none is linked, or none has room): if this \
             machine is lost, the persons, consents and records of disclosure written since are lost with it"
                .to_owned()
        });
        self.conditions.hold(
            conditions::NO_BACKUP,
            Severity::Warning,
            sentence,
            Some("belay status, for what each keeps; belay backup create FILE"),
        );
    }

    pub(super) fn judge_company(&mut self, targets: &[(NodeId, Vec<Multiaddr>)], now: Instant) {
        let alone = !targets.is_empty() && self.lock().is_empty();
        let since = alone.then(|| *self.alone.get_or_insert(now));
        self.alone = since;
        let long = since.is_some_and(|since| now.duration_since(since) >= ALONE);
        let sentence = long.then(|| {
            let of = targets.len();
            format!("none of the {of} nodes that this one goes to answers; what is written here waits until one does")
        });
        self.conditions.hold(conditions::ALONE, Severity::Warning, sentence, Some("belay peers"));
    }

    /// Whether what is written here finds its way to who is not on line.
    pub(super) fn judge_carriers(&mut self) {
        let Ok(waiting) = self.engine.waiting(&self.store, system::now()) else { return };
        let of = waiting.orgs.len();
        let nobody = waiting.nobody_carries.then(|| {
            format!(
                "something waits here for {of} organisation(s) not on line, and no other member offers to carry it; a member whose \
                 machine is mostly on can, or bring it by hand"
            )
        });
        let next = "belay carrier offer, at that member; or belay bundle export --for ORG FILE";
        self.conditions.hold(conditions::NO_CARRIER, Severity::Info, nobody, Some(next));
        let full = (!waiting.full.is_empty() && of > 0).then(|| {
            format!("{} carrier(s) have no more room for this organisation; what is new waits here", waiting.full.len())
        });
        self.conditions.hold(conditions::CARRIER_FULL, Severity::Warning, full, Some("belay carrier list"));
    }

    /// Whether most connected organisations say that our clock is wrong.
    pub(super) fn judge_clock(&self) {
        let own = self.engine.org();
        let skews: BTreeMap<OrgId, u64> =
            self.engine.peers().filter(|peer| peer.2 != own).filter_map(|peer| Some((peer.2, peer.3?))).collect();
        let far = skews.values().filter(|skew| **skew > limits::CLOCK_SKEW).count();
        let sentence = (far > skews.len() - far).then(|| {
            format!(
                "this machine's clock says {}, and {far} of {} connected organisations say otherwise; set it right, \
                 or consents seem to end, and invites to expire, at the wrong time",
                system::now(),
                skews.len()
            )
        });
        self.conditions.hold(conditions::CLOCK, Severity::Warning, sentence, Some("timedatectl set-ntp true"));
    }
}

/// Whether a partner could give back all but the last days. That it answers, or took some of it, is not enough: it may have no room.
fn is_fresh(held: &Backup, now: Time) -> bool {
    held.upto > 0 && now.since(held.whole) < limits::BACKUP_FRESH
}

#[cfg(test)]
mod tests {
    use super::*;
    use belay_protocol::time::DAY;

    #[test]
    fn a_backup_is_fresh_while_a_partner_had_all_of_it_and_not_because_it_answers() {
        let now = Time(100 * DAY);
        let days_ago = |days: u64| Time(now.0 - days * DAY);
        let held = |upto, whole, at| Backup { upto, whole: days_ago(whole), at: days_ago(at), ..Backup::default() };
        assert!(is_fresh(&held(9, 6, 6), now) && is_fresh(&held(9, 6, 0), now));
        assert!(!is_fresh(&held(9, 7, 7), now));
        assert!(!is_fresh(&held(9, 7, 0), now), "it answers each day, and has no room for what is new");
        assert!(!is_fresh(&held(0, 0, 0), now), "it holds nothing");
    }
}
