//! The acts, in order: what all stories share, then the one that was asked for. Each adds its checks and figures to the report.
//!
//! Parts: [`county`], [`emergency`], [`reentry`] the stories; `directory` the act before them; `kit` what every story does;
//! `sealed` and `ending` what the reader finds out.

mod county;
mod directory;
mod emergency;
mod ending;
mod kit;
mod reentry;
mod sealed;

use super::cast::{PROBATION, Role, cast};
use super::process::{Node, secret, write_secret};
use super::report::{Organisation, Report};
use super::{Options, reader, say};
use crate::api::views::{ApprovedView, FoundView, InviteView, JoinView, OrgsView, Standing, StatusView, UserView};
use crate::api::{Request, Secret};
use anyhow::{Context, Result, bail};
use belay_protocol::ids::OrgId;
use belay_protocol::referral::kind_name;
use std::path::Path;
use std::time::Instant;

/// One organisation on the stage.
#[derive(Debug)]
pub struct Actor {
    pub node: Node,
    pub role: Role,
    /// Its organisation's id.
    pub organisation: OrgId,
    /// The secret of its staff member.
    pub secret: String,
}

/// Which story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Story {
    /// The rural county.
    #[default]
    County,
    /// The emergency department that starts buprenorphine.
    Emergency,
    /// The jail with re-entry.
    Reentry,
}

impl Story {
    pub const ALL: [Self; 3] = [Self::County, Self::Emergency, Self::Reentry];

    /// The word used in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Emergency => "emergency",
            Self::Reentry => "reentry",
        }
    }

    /// How many organisations it takes at least.
    const fn organisations(self) -> usize {
        match self {
            Self::County | Self::Emergency => PROBATION,
            Self::Reentry => PROBATION + 1,
        }
    }

    fn play(self, actors: &mut [Actor], report: &mut Report) -> Result<()> {
        match self {
            Self::County => county::play(actors, report),
            Self::Emergency => emergency::play(actors, report),
            Self::Reentry => reentry::play(actors, report),
        }
    }
}

impl std::str::FromStr for Story {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|story| story.word() == text).ok_or_else(|| format!("no story is called {text}"))
    }
}

/// One of those who play.
fn at(actors: &[Actor], number: usize) -> Result<&Actor> {
    actors.get(number).context("the story needs more organisations")
}

/// Plays all acts.
///
/// # Errors
/// What kept the story from being played to its end.
pub fn play(options: &Options, stage: &Path) -> Result<(Vec<Node>, Report)> {
    let mut report = Report { story: options.story.word().to_owned(), ..Report::default() };
    let mut actors = enter(options, stage)?;
    gather(&mut actors, &mut report)?;
    directory::play(options, stage, &actors, &mut report)?;
    converge(&actors, &mut report)?;
    directory::found_everywhere(options, &actors, &mut report)?;
    options.story.play(&mut actors, &mut report)?;
    let sent = actors.iter().map(|a| Ok(a.node.status()?.counts.bytes_sent)).sum::<Result<u64>>()?;
    let before = report.figures.get("bytes_sent").copied().unwrap_or(0);
    report.figure("bytes_sent", before + sent);
    for actor in &actors {
        let status = actor.node.status()?;
        report.organisations.push(Organisation {
            name: actor.role.name.clone(),
            id: actor.organisation.to_string(),
            data: actor.node.folder.path().display().to_string(),
            listen: status.listen,
            http: status.http,
            user: actor.role.staff.to_owned(),
            secret: actor.secret.clone(),
        });
    }
    Ok((actors.into_iter().map(|a| a.node).collect(), report))
}

/// Act one: each organisation makes its node and starts it.
fn enter(options: &Options, stage: &Path) -> Result<Vec<Actor>> {
    let roles = cast(options.organisations.max(options.story.organisations()));
    say(&format!("{} organisations set up their nodes in {}", roles.len(), stage.display()));
    let mut actors = Vec::new();
    for (number, role) in roles.into_iter().enumerate() {
        let (mut node, view) = Node::init(&options.program, stage, number, &role.name, kind_name(role.kind))?;
        node.start()?;
        let secret = secret()?;
        write_secret(&node.log_file().with_file_name("staff-secret"), &secret)?;
        let _: UserView = node.ask(&Request::UserAdd {
            name: role.staff.to_owned(),
            full_name: String::new(),
            role: role.staff_role.to_owned(),
            secret: Secret::new(secret.clone()),
            login: None,
            rescue: false,
        })?;
        say(&format!("  {} runs", role.name));
        actors.push(Actor { node, role, organisation: view.organisation.id, secret });
    }
    Ok(actors)
}

/// Act two: the first founds a coalition and invites the others, who join and are approved after their words were compared.
fn gather(actors: &mut [Actor], report: &mut Report) -> Result<()> {
    let (founder, others) = actors.split_first().context("nobody plays")?;
    let founded: FoundView = founder.node.ask(&Request::Found { name: "Cedar County Recovery Network".into() })?;
    say(&format!("{} founds {}", founder.role.name, founded.name));
    let mut joined_ms = Vec::new();
    let mut words_agree = true;
    for other in others {
        let invite: InviteView =
            founder.node.ask(&Request::Invite { org: Some(other.role.name.clone()), hours: 24, file: false })?;
        let began = Instant::now();
        let join: JoinView = other.node.ask(&Request::Join { code: Secret::new(invite.code) })?;
        let waiting = founder.node.until(&Request::OrgList, "the newcomer's claim", |orgs: &OrgsView| {
            orgs.organisations.iter().find(|o| o.state == "waiting" && o.name == other.role.name).cloned()
        })?;
        let heard = if join.fingerprint.is_empty() {
            other.node.until(&Request::Status, "the inviter's answer", |s: &StatusView| {
                (s.standing == Standing::Waiting).then(|| s.joining.clone()).flatten()
            })?
        } else {
            join.fingerprint
        };
        words_agree &= heard == waiting.fingerprint && !heard.is_empty();
        let approved: ApprovedView = founder.node.ask(&Request::OrgApprove { org: waiting.id.to_string() })?;
        if approved.organisation != other.organisation {
            bail!("{} was approved as somebody else", other.role.name);
        }
        other.node.until(&Request::Status, "its membership", |s: &StatusView| {
            (s.standing == Standing::Member).then_some(())
        })?;
        joined_ms.push(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
        say(&format!("  {} joins", other.role.name));
    }
    report.check("both sides of every join saw the same six words", words_agree, format!("{} joins", others.len()));
    report.figure("join_ms_slowest", joined_ms.into_iter().max().unwrap_or(0));
    Ok(())
}

/// All nodes come to hold the same.
fn converge(actors: &[Actor], report: &mut Report) -> Result<()> {
    let began = Instant::now();
    for actor in actors {
        actor.node.until_member(actors.len())?;
    }
    let found = reader::until_equal(actors.iter().map(|a| &a.node))?;
    report.figure("converged_ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    let first = found.first().context("nobody plays")?;
    let equal = found.iter().all(|c| c.digest == first.digest);
    let short = first.digest.get(..12).unwrap_or_default();
    let detail = format!(
        "{} stores, {} entries and {} listings each, digest {short}",
        found.len(),
        first.entries,
        first.listings
    );
    report.check("all nodes have converged on the coalition", equal, detail);
    report.listings = u64::try_from(first.listings).unwrap_or(u64::MAX);
    Ok(())
}
