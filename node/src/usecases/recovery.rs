//! An organisation that lost its machine, and has its phrase: a new node, its own records from partners, the threads from who shares
//! them, and the old node shut out. What partners keep that were off comes later ([`later`]).

mod later;

pub use later::{export, give_up, lay_by, open_rest, still};

use super::records::{self, Kind};
use super::returning::{Come, come};
use super::{coalition, identity, people, threads};
use crate::api::views::{RecoverView, RecoveredPartner};
use crate::api::{Failure, Outcome};
use crate::config::Folder;
use crate::driver::Driver;
use crate::store::{Passphrase, Store};
use belay_protocol::engine::{Engine, Opening, Returned, Step};
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, NodeId, OrgId};
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::limits;
use belay_protocol::store::View;
use belay_protocol::sync::kept::Records;
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);
/// How long nothing may come, once everybody who is to be reached has given all, before the next step.
const QUIET: Duration = Duration::from_secs(3);

/// What is asked for.
#[derive(Debug)]
pub struct Ask {
    pub at: Vec<String>,
    /// How long to wait for partners that do not answer, or that send nothing more.
    pub patience: Duration,
    /// Other nodes of this organisation that go on, by the beginning of their ids. All others are retired.
    pub keep: Vec<String>,
    /// Go on without own records where no partner keeps any.
    pub without_records: bool,
    /// What partners keep of this organisation, from files.
    pub files: Vec<Records>,
}

/// What is here so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// By partner and node of it: each keeps what was left with it.
    returned: BTreeMap<(OrgId, NodeId), Returned>,
    private: u32,
    entries: u64,
    lacking: usize,
    linked: BTreeSet<OrgId>,
    wanted: BTreeSet<OrgId>,
}

/// Brings an organisation back into an empty folder. `tell` is told how far it is.
///
/// # Errors
/// As [`super::returning::second`]; also where no partner that answered keeps this organisation's records. The folder then holds no
/// node, and it may be begun again.
pub async fn recover(
    folder: &Folder,
    passphrase: &Passphrase,
    phrase: &Phrase,
    mut ask: Ask,
    tell: impl Fn(&str),
) -> Outcome<RecoverView> {
    let own = phrase.root().public().org();
    if ask.files.iter().any(|records| records.of != own) {
        return Err(Failure::misuse("these are records of another organisation than the phrase is of"));
    }
    let Come { driver, begun } = come(folder, passphrase, phrase, &ask.at, false).await?;
    let files = std::mem::take(&mut ask.files);
    let done = match open_files(&driver, phrase, files).await {
        Ok(()) => bring_back(&driver, phrase, &ask, &tell).await,
        Err(failure) => Err(failure),
    };
    driver.stop().await;
    let mut view = done?;
    begun.finish()?;
    view.data = folder.path().display().to_string();
    Ok(view)
}

/// Takes what came by file, before anybody is asked.
async fn open_files(driver: &Driver, phrase: &Phrase, files: Vec<Records>) -> Outcome<()> {
    let packages: Vec<Vec<u8>> = files.into_iter().flat_map(|records| records.packages).collect();
    if packages.is_empty() {
        return Ok(());
    }
    driver
        .write(move |step, _| -> Result<()> {
            for package in &packages {
                step.lay_by(package)?;
            }
            Ok(())
        })
        .await?;
    let Opening { opened, left, .. } = open_all(driver, phrase).await?;
    if opened.spoilt == opened.packages && left == 0 {
        return Err(Failure::misuse("nothing in the file opens with this phrase")
            .next("belay bundle export --records again, at the partner that made it"));
    }
    Ok(())
}

/// Opens what lies here sealed, piece by piece.
async fn open_all(driver: &Driver, phrase: &Phrase) -> Outcome<Opening> {
    let mut opening = Opening::default();
    while !opening.is_over() {
        let recovery = phrase.recovery();
        opening = driver.write(move |step, _| step.open_kept(&recovery, opening)).await?;
    }
    Ok(opening)
}

async fn bring_back(driver: &Driver, phrase: &Phrase, ask: &Ask, tell: &impl Fn(&str)) -> Outcome<RecoverView> {
    let recovery = phrase.recovery();
    driver
        .query(move |engine, _| -> Result<()> {
            engine.recover(recovery);
            Ok(())
        })
        .await?;
    let names = driver.query(names).await?;
    let others = if names.len() == 1 { "1 other organisation".to_owned() } else { format!("{} others", names.len()) };
    tell(&format!("the coalition is here, with {others}; asking for what is kept there"));
    let given = until(driver, ask.patience, tell, |seen| {
        !seen.returned.is_empty()
            && seen.returned.values().all(Returned::is_settled)
            && seen.wanted.is_subset(&seen.linked)
    })
    .await?;
    // What came before that which it follows.
    open_all(driver, phrase).await?;
    if given.private == 0 && !ask.without_records {
        let asked: BTreeSet<OrgId> = given.returned.keys().map(|(org, _)| *org).collect();
        let asked: Vec<&str> = asked.iter().filter_map(|org| names.get(org)).map(String::as_str).collect();
        let asked = if asked.is_empty() { "nobody".to_owned() } else { asked.join(", ") };
        return Err(Failure::failed(format!(
            "no partner that was reached keeps this organisation's records (asked: {asked}); nothing was set up. Others may be \
             on line later"
        ))
        .next("belay recover again later; or with --without-records, for the directory and the threads alone"));
    }
    let (recovery, root) = (phrase.recovery(), phrase.root());
    let keep = ask.keep.clone();
    tell("shutting out the old node");
    let retired = driver
        .write(move |step, _| -> Outcome<Vec<NodeId>> {
            let (engine, draft) = step.engine();
            if engine.private_space(draft)?.is_some() {
                step.open_private(&recovery)?;
            } else {
                let now = step.context().now;
                let founder = root.founder(recovery.public(), now, step.context().random);
                step.found_private(founder)?;
            }
            let retired = retire_others(step, &root, &keep)?;
            step.keep_last_words()?;
            step.look_for_the_rest()?;
            let now = step.context().now;
            let (engine, draft) = step.engine();
            engine.recovered(draft, now)?;
            Ok(retired)
        })
        .await?;
    let last = until(driver, ask.patience, tell, |seen| seen.lacking == 0).await?;
    let seen = Seen { linked: given.linked.union(&last.linked).copied().collect(), ..given };
    driver.query(move |engine, store| report(engine, store, &seen, &names, retired)).await
}

fn names(engine: &mut Engine, store: &Store) -> Outcome<BTreeMap<OrgId, String>> {
    let own = engine.org();
    let roster =
        coalition::member_roster(engine, store)?.ok_or_else(|| Failure::failed("the coalition is not here"))?;
    let others = roster.orgs.iter().filter(|(org, member)| **org != own && !member.removed);
    Ok(others.map(|(org, member)| (*org, member.card.name.clone())).collect())
}

impl Seen {
    /// Whether somebody has brought this further than it was `before`. Packages that bring no entry do not, nor does a line that comes and
    /// goes.
    fn is_further_than(&self, before: &Self) -> bool {
        let settled = |seen: &Self| seen.returned.values().filter(|returned| returned.is_settled()).count();
        self.entries > before.entries
            || settled(self) > settled(before)
            || self.lacking < before.lacking
            || !self.linked.is_subset(&before.linked)
    }
}

/// Looks again and again until `enough` holds and nothing more comes, or until nobody has brought it further for as long as patience lasts,
/// and no longer than [`limits::RECOVERY_GIVING`]: whoever gives one small package after the other keeps nobody waiting.
async fn until(
    driver: &Driver,
    patience: Duration,
    tell: &impl Fn(&str),
    enough: impl Fn(&Seen) -> bool,
) -> Outcome<Seen> {
    let (mut before, mut since): (Option<Seen>, Instant) = (None, Instant::now());
    let (began, most) = (since, patience.max(Duration::from_millis(limits::RECOVERY_GIVING)));
    loop {
        // Who was linked once was reached.
        let mut peers: BTreeSet<OrgId> = driver.peers().iter().map(|peer| peer.org).collect();
        peers.extend(before.iter().flat_map(|seen| &seen.linked));
        let seen = driver.query(move |engine, store| look(engine, store, peers)).await?;
        if before.as_ref().is_none_or(|before| seen.is_further_than(before)) {
            if let Some(before) = &before
                && (seen.private, seen.entries) != (before.private, before.entries)
            {
                tell(&format!("{} own records, {} entries in all", seen.private, seen.entries));
            }
            (before, since) = (Some(seen.clone()), Instant::now());
        }
        let quiet = since.elapsed();
        if (enough(&seen) && quiet >= QUIET) || quiet >= patience || began.elapsed() >= most {
            return Ok(seen);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = driver.ended() => return Err(Failure::failed("the node's main thread ended by itself")),
        }
    }
}

fn look(engine: &mut Engine, store: &Store, linked: BTreeSet<OrgId>) -> Result<Seen> {
    let returned = engine.returned().cloned().unwrap_or_default();
    let private = engine.to_back_up(store)?;
    let mut entries = 0;
    for record in engine.space_records(store)? {
        entries += u64::from(engine.spaces().count_of(store, record.space)?);
    }
    let lacking = engine.spaces().lacking(store)?;
    let own = engine.org();
    let mut wanted = BTreeSet::new();
    let targets = engine.dial_targets(store, crate::system::now())?;
    for coalition in engine.coalitions(store)? {
        let roster = engine.roster(store, coalition)?;
        wanted.extend(targets.iter().filter_map(|(node, _)| roster.org_of(node)).filter(|org| *org != own));
    }
    Ok(Seen { returned, private, entries, lacking, linked, wanted })
}

/// Retires every node of ours but this one and those that are kept.
fn retire_others(step: &mut Step<'_>, root: &belay_protocol::keys::RootKey, keep: &[String]) -> Outcome<Vec<NodeId>> {
    let now = step.context().now;
    let (engine, draft) = step.engine();
    let own = engine.node();
    let mut gone = Vec::new();
    // Also one that no member who was reached has heard of, and that the private space names.
    for node in engine.own_nodes(draft)?.into_keys().filter(|node| *node != own) {
        let id = node.to_string();
        if !keep.iter().any(|kept| kept.len() >= 4 && id.starts_with(&kept.to_lowercase())) {
            gone.push(node);
        }
    }
    for node in &gone {
        step.retire(&root.retire(*node, now))?;
    }
    Ok(gone)
}

/// When the newest of the own records was written that came from another machine of ours; `None` if none came. What this one wrote since
/// is passed by.
fn newest(engine: &mut Engine, view: &dyn View) -> Result<Option<Time>> {
    let Some(private) = engine.private_space(view)? else { return Ok(None) };
    let own = engine.node();
    let mut next: Vec<EntryHash> = engine.spaces().heads(view, private)?;
    let (mut seen, mut newest): (BTreeSet<EntryHash>, _) = (BTreeSet::new(), None);
    while let Some(hash) = next.pop() {
        if !seen.insert(hash) {
            continue;
        }
        let Some(entry) = engine.spaces().entry(view, &hash)? else { continue };
        let header = entry.header();
        if header.author == own {
            next.extend(&header.parents);
        } else {
            newest = newest.max(Some(header.time));
        }
    }
    Ok(newest)
}

/// What came back, what is missing, and why.
fn report(
    engine: &mut Engine,
    store: &Store,
    seen: &Seen,
    names: &BTreeMap<OrgId, String>,
    retired: Vec<NodeId>,
) -> Outcome<RecoverView> {
    let count = |kind: Kind| -> Result<usize> { Ok(records::all(store, kind, &[])?.len()) };
    let card = identity::card(store)?;
    let coalition = coalition::coalition(engine, store)?.ok_or_else(|| Failure::failed("the coalition is not here"))?;
    let mut partners = Vec::new();
    let mut missing = Vec::new();
    let (mut away, mut more) = (Vec::new(), Vec::new());
    for (org, name) in names {
        let reached = seen.linked.contains(org);
        let theirs = || seen.returned.iter().filter(|((of, _), _)| of == org).map(|(_, returned)| returned);
        let spoilt: u64 = theirs().map(|returned| returned.spoilt).sum();
        if !reached {
            away.push(name.as_str());
        } else if theirs().any(|returned| !returned.done) {
            more.push(name.as_str());
        }
        if spoilt > 0 {
            missing.push(format!("{name}: {spoilt} of what it keeps do not open or are not ours"));
        }
        partners.push(RecoveredPartner {
            organisation: *org,
            name: name.clone(),
            reached,
            packages: theirs().map(|returned| returned.packages).sum(),
        });
    }
    if !away.is_empty() {
        missing.push(format!(
            "not reached: {}. Threads with them come when they are on line. So do own records that only they keep: `belay status` \
             says when, and `belay recover --rest` opens them",
            away.join(", ")
        ));
    }
    if !more.is_empty() {
        missing.push(format!(
            "of {} not all has come that is kept there: it is asked for from now on, `belay status` says when it is here, and \
             `belay recover --rest` opens it",
            more.join(", ")
        ));
    }
    if seen.private == 0 {
        missing
            .push("own records: no partner that was reached keeps any. Add staff anew with belay user add".to_owned());
    }
    let lacking = engine.spaces().lacking(store)?;
    if lacking > 0 {
        missing.push(format!(
            "{lacking} parts of threads can not be opened yet: whoever shares them passes their keys on when it is on line, and if the \
             person's consent still stands"
        ));
    }
    Ok(RecoverView {
        organisation: identity::organisation(&card),
        node: engine.node(),
        fingerprint: identity::fingerprint(card.root),
        coalition,
        retired,
        staff: count(Kind::Staff)?,
        persons: people::count(store)?,
        consents: count(Kind::Consent)?,
        disclosures: count(Kind::Disclosure)?,
        audits: count(Kind::Audit)?,
        threads: threads::all(store)?.len(),
        partners,
        newest: newest(engine, store)?,
        missing,
        data: String::new(),
    })
}
