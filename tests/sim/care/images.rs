//! A disk that is put back as it was: what came in since is lost, and with it what the node made of that.

use super::super::disk::Disk;
use super::consents::somebody;
use super::county::County;
use super::model::Org;

/// A disk as it was, and what the model knew of its organisation then. It is of no use once staff there have asked for anything: what
/// they were told is written would be gone for good.
pub struct Image {
    disk: Disk,
    /// How many rulings there were of each consent.
    rulings: Vec<usize>,
    /// Which copies had been taken back.
    ended: Vec<bool>,
    /// How many records of disclosure there were in all.
    accounts: usize,
}

pub fn keep(county: &mut County) {
    let Some(org) = somebody(county) else { return };
    let image = Image {
        disk: Disk::from(county.offices[org].disk.live.clone()),
        rulings: county.model.consents.iter().map(|consent| consent.rulings.len()).collect(),
        ended: county.model.copies.iter().map(|copy| copy.ended.is_some()).collect(),
        accounts: county.seen.accounts.len(),
    };
    county.tell(format!("an image of {}'s disk is kept", County::name(org)));
    county.images.insert(org, image);
}

pub fn put_back(county: &mut County) {
    let kept: Vec<Org> = county.images.keys().copied().collect();
    let Some(org) = county.rng.pick(&kept).copied() else { return };
    let Some(image) = county.images.remove(&org) else { return };
    // What they knew of the records is counted from another beginning now.
    county.images.clear();
    county.count("disks put back");
    county.tell(format!("{}'s disk is put back", County::name(org)));
    county.crash(org);
    county.offices[org].disk = image.disk;
    forget(county, org, &image.rulings, &image.ended);
    let mut number = 0;
    county.seen.accounts.retain(|(of, ..)| {
        number += 1;
        *of != org || number <= image.accounts
    });
    let heard = std::mem::take(&mut county.model.carried);
    for said in heard {
        let lost = county.model.cases[said.1].sender == org && !county.offices[org].has(&said.0);
        let list = if lost { &mut county.model.said } else { &mut county.model.carried };
        list.push(said);
    }
}

/// What it carried out of what partners said since is undone, until it hears that again.
fn forget(county: &mut County, org: Org, rulings: &[usize], ended: &[bool]) {
    for (consent, were) in county.model.consents.iter_mut().zip(rulings) {
        if consent.keeper == org {
            consent.rulings.truncate(*were);
        }
    }
    let persons = &county.model.persons;
    for (copy, was) in county.model.copies.iter_mut().zip(ended) {
        if persons[copy.person].org == org && !was {
            copy.ended = None;
        }
    }
}
