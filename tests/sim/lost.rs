//! An organisation that lost every machine and has its phrase: it comes back with what partners keep, and shuts the lost node out.

use super::faults::running;
use super::founding;
use super::world::World;
use belay_protocol::engine::Unopened;
use belay_protocol::ids::{EntryHash, NodeId, OrgId};
use belay_protocol::keys::PrekeySecret;
use std::collections::{BTreeMap, BTreeSet};

/// Who comes back.
pub struct Loss {
    org: OrgId,
    /// Its machines: from now on in somebody else's hands.
    machines: Vec<usize>,
    /// By partner, what the lost machine said that it keeps, of partners whose disk was never put back.
    claimed: BTreeMap<OrgId, BTreeSet<EntryHash>>,
}

/// All machines of an organisation are lost at once, and it begins to come back.
pub fn lose(world: &mut World) {
    let Some(host) = running(world) else { return };
    let org = world.hosts[host].org;
    let expected = world.hosts[host].honest() && !world.hosts[host].retired;
    if !expected || world.loss.is_some() || world.hosts.len() >= world.repertoire.machines() {
        return;
    }
    let others: Vec<usize> = (0..world.hosts.len())
        .filter(|h| {
            let other = &world.hosts[*h];
            other.engine.is_some() && other.honest() && !other.retired && !other.newcomer && other.org != org
        })
        .collect();
    let Some(partner) = world.rng.pick(&others).copied() else { return };
    let claimed = claims(world, host);
    let machines: Vec<usize> = (0..world.hosts.len()).filter(|h| world.hosts[*h].org == org).collect();
    for machine in &machines {
        if world.hosts[*machine].engine.is_some() {
            world.crash(*machine);
        }
        world.hosts[*machine].lost = true;
    }
    let rng = world.rng.fork();
    let mut further = world.hosts[host].further(world.now, rng);
    further.recovering = true;
    let at = world.adopt(further);
    world.loss = Some(Loss { org, machines, claimed });
    world.count("organisations that lost everything");
    world.tell(format!("host {host}'s organisation loses everything, and comes back as host {at} by host {partner}"));
    resume(world, at);
    founding::join(world, world.coalition, partner, at);
}

/// What the machine says that each partner holds of its private space.
fn claims(world: &mut World, host: usize) -> BTreeMap<OrgId, BTreeSet<EntryHash>> {
    let mut partners: BTreeMap<OrgId, Vec<usize>> = BTreeMap::new();
    for (at, other) in world.hosts.iter().enumerate() {
        partners.entry(other.org).or_default().push(at);
    }
    let sound: Vec<OrgId> = partners
        .into_iter()
        .filter(|(_, hosts)| {
            hosts.iter().all(|h| hosts.len() == 1 && world.hosts[*h].honest() && !world.hosts[*h].rolled)
        })
        .map(|(org, _)| org)
        .collect();
    let claimed = world.hosts[host].ask(|engine, view| {
        let Some(private) = engine.private_space(view).unwrap() else { return BTreeMap::new() };
        let mut claimed = BTreeMap::new();
        let backups = engine.backups(view).unwrap();
        for org in sound {
            if let Some(backup) = backups.get(&org) {
                let held = engine.spaces().order(view, private, 0, backup.upto as usize).unwrap();
                claimed.insert(org, held.into_iter().collect());
            }
        }
        claimed
    });
    claimed.unwrap_or_default()
}

/// The command that brings back is given, for the first time or again.
pub fn resume(world: &mut World, host: usize) {
    let h = &mut world.hosts[host];
    if h.recovering && h.ask(|engine, _| engine.returned().is_none()).unwrap_or_default() {
        let secret = PrekeySecret::from_seed(h.recovery);
        h.ask(|engine, _| engine.recover(secret));
    }
}

/// Who comes back looks for partners, and ends it once all that were asked have given what they keep.
pub fn go_on(world: &mut World) {
    let Some(at) = (0..world.hosts.len()).find(|h| world.hosts[*h].recovering && world.hosts[*h].engine.is_some())
    else {
        return;
    };
    resume(world, at);
    let other = world.rng.below(world.hosts.len());
    world.connect(at, other);
    for _ in 0..world.rng.below(12) {
        world.deliver();
    }
    let done = world.hosts[at].ask(|engine, _| {
        let returned = engine.returned().cloned().unwrap_or_default();
        let whole = !returned.is_empty() && returned.values().all(|partner| partner.done);
        whole.then(|| returned.into_keys().map(|(org, _)| org).collect::<Vec<OrgId>>())
    });
    if let Some(Some(partners)) = done {
        finish(world, at, &partners);
    }
}

/// Own records are opened, the lost machines are shut out, and what they wrote last stands.
fn finish(world: &mut World, at: usize, partners: &[OrgId]) {
    let secret = PrekeySecret::from_seed(world.hosts[at].recovery);
    let (own, me, coalition, now) = (world.hosts[at].org, world.hosts[at].node, world.coalition, world.now);
    let fold = world.hosts[at].ask(|engine, view| engine.fold(view, coalition).ok()).flatten();
    let Some(fold) = fold.filter(|fold| fold.nodes.contains_key(&me) || fold.over.contains_key(&me)) else { return };
    let all = fold.nodes.iter().chain(&fold.over);
    let old: Vec<NodeId> = all.filter(|(node, org)| **org == own && **node != me).map(|(node, _)| *node).collect();
    let retirements: Vec<_> = old.iter().map(|node| world.hosts[at].retirement(*node, now)).collect();
    let founder = world.hosts[at].founder(world.hosts[at].recovery, now);
    world.reference.orgs.insert(founder.key(), own);
    let back = world.act(at, |step| {
        let (engine, draft) = step.engine();
        if engine.private_space(draft)?.is_some() {
            step.open_private(&secret)?;
        } else {
            step.found_private(founder)?;
        }
        for retirement in &retirements {
            step.retire(retirement)?;
        }
        step.keep_last_words()?;
        let now = step.context().now;
        let (engine, draft) = step.engine();
        engine.recovered(draft, now)
    });
    let Some(loss) = world.loss.take_if(|loss| back.is_some() && loss.org == own) else { return };
    world.hosts[at].recovering = false;
    world.count("organisations that came back");
    world.tell(format!("host {at} is back"));
    for machine in &loss.machines {
        world.hosts[*machine].lost = false;
        world.hosts[*machine].retired = true;
    }
    // A second machine of a partner answers for its organisation, and may keep nothing.
    let alone = |org: &OrgId| {
        let theirs: Vec<_> = world.hosts.iter().filter(|h| h.org == *org).collect();
        theirs.len() == 1 && !theirs[0].rolled
    };
    let gave = |org: &OrgId| partners.contains(org) && alone(org);
    let claimed: BTreeSet<EntryHash> =
        loss.claimed.iter().filter(|(org, _)| gave(org)).flat_map(|(_, held)| held).copied().collect();
    world.check_back(at, &claimed);
}

impl World {
    /// Invariant 8: what the lost machine left with those who were asked is back, and opens.
    fn check_back(&mut self, at: usize, claimed: &BTreeSet<EntryHash>) {
        let lacking = claimed.iter().find(|hash| !self.has(at, hash)).copied();
        if let Some(hash) = lacking {
            self.breaks(format!("8: host {at} is back without {}, which a partner keeps", hash.short()));
        }
        let unopened: Vec<(EntryHash, Unopened)> = self.hosts[at]
            .ask(|engine, view| match engine.private_space(view).unwrap() {
                Some(private) => engine.bodies(view, private, 0, usize::MAX).unwrap().unopened,
                None => Vec::new(),
            })
            .unwrap_or_default();
        *self.stats.entry("own records that came back").or_default() += claimed.len() as u64;
        if let Some((hash, why)) = unopened.into_iter().find(|(hash, _)| claimed.contains(hash)) {
            self.breaks(format!("8: host {at} is back, and {} does not open: {why:?}", hash.short()));
        }
    }
}
