//! How a consent ends, by the person's word and by its day, and that nothing is sealed for the recipient from then on.

use super::kit::{message, referral, refusal};
use super::{Actor, directory, say};
use crate::api::care::{Care, ConsentView};
use crate::demo::reader::force::{self, Sealed};
use crate::demo::reader::{self, Opened};
use crate::demo::report::Report;
use crate::system::now;
use anyhow::{Context, Result, bail};
use belay_protocol::ids::SpaceId;
use belay_protocol::space::Spaces;
use belay_protocol::store::{Table, View};
use belay_protocol::time::{HOUR, Time};
use std::collections::BTreeSet;
use std::time::Instant;

/// After a revocation nothing is sent, and what is sealed later does not open for the clinic.
pub fn revoked(
    (sender, clinic, third): (&Actor, &Actor, &Actor),
    (consent, id): (&str, &str),
    spaces: &BTreeSet<SpaceId>,
    report: &mut Report,
) -> Result<()> {
    say("  the person revokes the consent");
    let revoke = Care::ConsentRevoke { consent: consent.to_owned(), party: None, spoken: false };
    let view: ConsentView = sender.care(revoke)?;
    if view.state != "revoked" {
        bail!("the consent is {} after it was revoked", view.state);
    }
    let from = reader::of(&sender.node)?;
    let detail = refusal(sender.act(id, message("One more thing.")))?;
    report.check("after the revocation nothing is sent", detail.contains("2.31"), detail);
    wait_until_out(clinic, spaces)?;

    let before = count(clinic, spaces)?;
    let mut opened = (0, 0);
    for space in spaces {
        if let Sealed::Entries(entries) = force::seal_more(&from, *space, now(), None)? {
            let body = entries.last().context("nothing was sealed")?.hash();
            opened.0 += usize::from(force::open_all(&reader::of(&clinic.node)?, &entries)?.contains(&body));
            opened.0 += usize::from(force::open_all(&reader::of(&third.node)?, &entries)?.contains(&body));
            opened.1 += 1;
        }
    }
    let detail = format!("{} of {} bodies sealed afterwards open", opened.0, opened.1);
    report.check("what is sealed after the revocation does not open", opened.0 == 0 && opened.1 > 0, detail);
    // Something that the clinic may have, written later and received there, shows that the link lives and has come this far.
    let later = directory::told_later(sender, clinic);
    let after = count(clinic, spaces)?;
    let detail = format!("{} entries more, though later words on the directory came", after.saturating_sub(before));
    report.check("the clinic gets nothing more", later.is_ok() && after == before, detail);
    Ok(())
}

/// Until the clinic's store knows that it was taken out.
fn wait_until_out(clinic: &Actor, spaces: &BTreeSet<SpaceId>) -> Result<()> {
    let began = Instant::now();
    loop {
        let to = reader::of(&clinic.node)?;
        let mut folds = Spaces::new(to.node);
        let mut out = 0;
        for space in spaces {
            let gone = match folds.record(&to.reader, *space)? {
                Some(_) => !folds.fold(&to.reader, *space)?.members.contains_key(&clinic.organisation),
                None => true,
            };
            out += usize::from(gone || told(&to, *space)?);
        }
        if out == spaces.len() {
            return Ok(());
        }
        if began.elapsed().as_secs() > 60 {
            bail!("the clinic was not told of its removal within a minute");
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Whether the store holds a removal notice about this space.
fn told(of: &Opened, space: SpaceId) -> Result<bool> {
    Ok(of.reader.get(Table::Removed, &space.0)?.is_some())
}

fn count(actor: &Actor, of: &BTreeSet<SpaceId>) -> Result<usize> {
    let opened = reader::of(&actor.node)?;
    let mut count = 0;
    for space in of {
        count += force::entries(&opened, *space)?.len();
    }
    Ok(count)
}

/// After the day on which a consent ends the sender's node seals nothing more for the clinic, and once the clinic is out, what is
/// sealed does not open there. The calendar is turned in the reader, not in the nodes.
pub fn expired(sender: &Actor, clinic: &Actor, consent: &str, end: Time, report: &mut Report) -> Result<()> {
    let before = super::sealed::spaces_of(sender)?;
    let thread = sender.refers(referral(consent, "Goes on as before."))?;
    clinic.receives(&thread)?;
    let from = reader::of(&sender.node)?;
    let new: Vec<SpaceId> = super::sealed::spaces(&from)?.difference(&before).copied().collect();
    let (mut refused, mut opened, mut sealed) = (0, 0, 0);
    let later = end.plus(HOUR);
    for space in &new {
        refused += usize::from(matches!(force::seal_more(&from, *space, later, None)?, Sealed::Refused(_)));
        if let Sealed::Entries(entries) = force::seal_more(&from, *space, later, Some(clinic.organisation))? {
            let body = entries.last().context("nothing was sealed")?.hash();
            sealed += 1;
            opened += usize::from(force::open_all(&reader::of(&clinic.node)?, &entries)?.contains(&body));
        }
    }
    let detail = format!("{refused} of {} spaces refuse to seal", new.len());
    report.check("after the expiry nothing is sealed for the clinic", refused == new.len() && refused > 0, detail);
    let detail = format!("{opened} of {sealed} bodies sealed afterwards open");
    report.check(
        "what is sealed once the expiry has ended the membership does not open",
        opened == 0 && sealed > 0,
        detail,
    );
    Ok(())
}
