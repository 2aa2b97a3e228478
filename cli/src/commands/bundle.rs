//! `belay bundle`: what was written for another organisation, in a file that somebody carries there.

use super::Context;
use crate::output;
use crate::trouble::{Result, Trouble};
use belay_node::api::parcels::{BundleView, ImportedView};
use belay_node::api::views::RecordsView;
use belay_node::api::{Request, Secret};
use belay_protocol::coalition::invite::armor;
use belay_protocol::limits;
use belay_protocol::sync::kept::Records;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of a file that is looked at: its parcels in base64, with line ends and what a mail program puts around.
const FILE_BYTES: u64 = 2 * limits::BUNDLE_FILE_BYTES as u64;
/// The same of a file of records: all that is kept of one organisation.
const RECORDS_BYTES: u64 = 2 * limits::KEPT_BYTES;
/// Characters of one text: as a request, with its line ends, it fits the control socket.
const TEXT_BYTES: usize = limits::REQUEST_BYTES / 4 * 3;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write what another organisation has not acknowledged to a new file, sealed to it
    Export {
        /// For whom: its id, the beginning of it, or its name
        #[arg(long = "for", value_name = "ORG")]
        org: String,
        /// Everything that it may have, also what it has acknowledged: for who lost it
        #[arg(long)]
        all: bool,
        /// Instead, what this organisation keeps of ORG's own records, for who lost its machine: belay recover --bundle FILE, there
        #[arg(long, conflicts_with = "all")]
        records: bool,
        /// The new file
        file: PathBuf,
    },
    /// Take a file that another organisation made for this one; as often as you like, in any order
    Import { file: PathBuf },
}

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Export { org, records: true, file, .. } => export_records(context, &org, &file),
        Command::Export { org, all, file, .. } => export(context, org, all, &file),
        Command::Import { file } => import(context, &file),
    }
}

fn export(context: &Context, org: String, all: bool, file: &Path) -> Result<()> {
    // Before anything is sealed: a file that is there already stays as it is.
    let mut out = super::create_new(file)?;
    let outcome = context.get(&Request::BundleExport { org, all });
    let mut view: BundleView = outcome.inspect_err(|_| drop(std::fs::remove_file(file)))?;
    let texts = std::mem::take(&mut view.texts);
    let name = output::clean(&view.to_name).replace('\n', " ");
    write!(out, "Sealed for {name}, who alone can open it. There: belay bundle import FILE\n\n{}", texts.concat())?;
    out.sync_all()?;
    view.file = Some(file.display().to_string());
    output::say(&format!("Carry {} to {}. There: belay bundle import FILE", file.display(), view.to_name));
    context.show(&view)
}

/// Text by text, since all of it may be more than an answer holds.
fn export_records(context: &Context, org: &str, file: &Path) -> Result<()> {
    let mut out = super::create_new(file)?;
    let outcome = write_records(context, org, &mut out);
    let mut view = outcome.inspect_err(|_| drop(std::fs::remove_file(file)))?;
    out.sync_all()?;
    view.file = Some(file.display().to_string());
    context.show(&view)
}

fn write_records(context: &Context, org: &str, out: &mut std::fs::File) -> Result<RecordsView> {
    let (mut packages, mut after) = (0, None);
    loop {
        let mut view: RecordsView = context.get(&Request::RecordsExport { org: org.to_owned(), after })?;
        if after.is_none() {
            let name = output::clean(&view.of_name).replace('\n', " ");
            write!(
                out,
                "Records of {name}, whose recovery phrase alone opens them. There: belay recover --bundle FILE\n\n"
            )?;
        }
        out.write_all(std::mem::take(&mut view.text).as_bytes())?;
        packages += view.packages;
        after = view.next;
        if after.is_none() {
            view.packages = packages;
            return Ok(view);
        }
    }
}

/// What a file of records holds, text by text.
pub fn records(file: &Path) -> Result<Vec<Records>> {
    let text = read(file, RECORDS_BYTES)?;
    let texts = armor::each(&text);
    let again = "belay bundle export --for ORG --records FILE again, at the partner that made it";
    let failed = |fault| Trouble::failed(format!("{}: {fault}", file.display())).next(again);
    texts.into_iter().map(|text| Records::read(text).map_err(failed)).collect()
}

fn import(context: &Context, file: &Path) -> Result<()> {
    let text = read(file, FILE_BYTES)?;
    let texts = armor::each(&text);
    if texts.iter().any(|text| text.len() > TEXT_BYTES) {
        return Err(Trouble::failed(format!("{} is not a bundle: a part of it is too long", file.display())));
    }
    let ask = |text: &str, check: bool| -> Result<ImportedView> {
        context.get(&Request::BundleImport { content: Secret::new(text.to_owned()), check })
    };
    // All of the file is looked at before any of it is taken.
    for text in &texts {
        ask(text, true)?;
    }
    let mut whole = ImportedView::default();
    for text in &texts {
        let part = ask(text, false)?;
        whole.from.extend(part.from);
        whole.taken += part.taken;
        whole.known += part.known;
        whole.waiting += part.waiting;
    }
    whole.from.sort();
    whole.from.dedup();
    context.show(&whole)
}

fn read(file: &Path, most: u64) -> Result<String> {
    let failed = |e: std::io::Error| Trouble::failed(format!("{} could not be read: {e}", file.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(file).map_err(failed)?.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        let path = file.display();
        return Err(Trouble::failed(format!("{path} is too large: a bundle has at most {most} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| Trouble::failed(format!("{} is not a bundle: it is no text", file.display())))
}
