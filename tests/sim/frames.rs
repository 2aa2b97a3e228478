//! What a frame says, in one line of a story: `sim --seed S --frames` tells every frame that arrives.

use belay_protocol::ids::{EntryHash, SpaceId};
use belay_protocol::space::Register;
use belay_protocol::space::entry::Entry;
use belay_protocol::sync::wire::{Backup, Frame, Page};

/// In words, with the names of what is in it.
pub fn tell(bytes: &[u8]) -> String {
    match Frame::decode(bytes) {
        Err(fault) => format!("no frame: {fault}"),
        Ok(Frame::Hello(hello)) => format!("hello, with a bookmark: {}", hello.token.is_some()),
        Ok(Frame::Page(page)) => format!("page{}", tell_page(&page)),
        Ok(Frame::Ack(token)) => format!("ack, with a bookmark: {}", token.is_some()),
        Ok(Frame::Want(hashes)) => format!("wants {}", names(&hashes)),
        Ok(Frame::Compare(all)) => format!("compares {}", spaces(all.iter().map(|summary| summary.space))),
        Ok(Frame::Have(have)) => {
            let registers = have.registers.len();
            format!("has of {} {}, and {registers} registers", have.space.short(), names(&have.sample))
        }
        Ok(Frame::Backup(Backup::Look(number))) => format!("looks for package {number}"),
        Ok(frame) => frame.name().to_owned(),
    }
}

fn tell_page(page: &Page) -> String {
    let mut told = String::new();
    let mut say = |what: &str, names: Vec<String>| {
        if !names.is_empty() {
            told += &format!(", {what} {}", names.join(" "));
        }
    };
    say("entries", page.entries.iter().map(|bytes| tell_entry(bytes)).collect());
    say("announced", page.announced.iter().map(EntryHash::short).collect());
    say("registers", page.registers.iter().map(|bytes| tell_register(bytes)).collect());
    say("removals", page.removals.iter().map(|bytes| tell_entry(bytes)).collect());
    say("gone", page.gone.iter().map(EntryHash::short).collect());
    say("done", page.done.iter().map(SpaceId::short).collect());
    say("bookmark", page.token.iter().map(|_| "yes".to_owned()).collect());
    told
}

fn tell_entry(bytes: &[u8]) -> String {
    Entry::parse(bytes.to_vec()).map_or_else(
        |_| "(no entry)".to_owned(),
        |entry| format!("{}({:?} of {})", entry.hash().short(), entry.header().kind, entry.space().short()),
    )
}

fn tell_register(bytes: &[u8]) -> String {
    Register::verify(bytes).map_or_else(
        |_| "(no register)".to_owned(),
        |register| format!("{}({} of {})", register.name, register.node.short(), register.space.short()),
    )
}

fn names(hashes: &[EntryHash]) -> String {
    hashes.iter().map(EntryHash::short).collect::<Vec<_>>().join(" ")
}

fn spaces(spaces: impl Iterator<Item = SpaceId>) -> String {
    spaces.map(|space| space.short()).collect::<Vec<_>>().join(" ")
}
