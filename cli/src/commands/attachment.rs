//! `belay attachment`: files that go with a person, a consent or a referral. Checked by content, sent in pieces of a megabyte.

use super::Context;
use super::referral::one_of;
use crate::args::StaffArgs;
use crate::output;
use crate::trouble::{Result, Trouble};
use crate::words::{self, Words};
use belay_node::api::StaffLogin;
use belay_node::api::care::{
    AttachTo, AttachingView, AttachmentPart, AttachmentView, AttachmentsOf, AttachmentsView, Care, CoverAsk, CoverView,
    FileWentAsk, SentView, Upload,
};
use belay_node::forms::Lang;
use belay_node::system;
use belay_protocol::disclosure::Means;
use belay_protocol::limits;
use belay_protocol::referral::Information;
use belay_protocol::referral::attachment::digest;
use belay_protocol::sensitive::Personal;
use belay_protocol::time::Time;
use data_encoding::{BASE64, HEXLOWER};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Attach a file: PDF, PNG, JPEG or plain text, at most 25 MB
    Add {
        file: PathBuf,
        /// To this person's record; it stays in the house
        #[arg(long, value_name = "PERSON", value_parser = words::person, required_unless_present = "thread", conflicts_with = "thread")]
        person: Option<String>,
        /// To this referral: the other organisation gets it, if the consent allows it; one off the network from you (`attachment went`)
        #[arg(long, value_name = "THREAD")]
        thread: Option<String>,
        /// What kind of information it is
        #[arg(long, value_name = "KIND", default_value = "referral")]
        kind: Information,
        /// A few words with it, in a referral: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE", requires = "thread")]
        text: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The files of a person or of a referral, and how much of each has arrived
    List {
        #[arg(long, value_name = "PERSON", value_parser = words::person, required_unless_present = "thread", conflicts_with = "thread")]
        person: Option<String>,
        #[arg(long, value_name = "THREAD")]
        thread: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// A file that was chosen for a partner off the network left the house: now it is told, and on record (42 CFR 2.25)
    Went {
        /// Id, or the beginning of it
        attachment: String,
        #[arg(long, value_name = "THREAD")]
        thread: String,
        /// How: handed, faxed or mailed
        #[arg(long, value_name = "WAY", value_parser = one_of(&WAYS))]
        by: Means,
        /// To whom there, or to which number: `@FILE`, or `@-` for standard input
        #[arg(long, value_name = "@FILE")]
        to: Option<Words>,
        /// When it went, if that was not put on record at once: judged by the consent as it stood then, also where it has ended since [default: now]
        #[arg(long, value_name = "TIME", value_parser = system::begin)]
        when: Option<Time>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// That it went was written down by mistake; both words stay on record
    Back {
        attachment: String,
        #[arg(long, value_name = "THREAD")]
        thread: String,
        /// Why: `@FILE`, or `@-` for standard input [default: asked for]
        #[arg(long, value_name = "@FILE")]
        why: Option<Words>,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// The sheet that goes before it: from whom, to whom, and the notice of 42 CFR 2.32; of the person it says nothing
    Cover {
        attachment: String,
        #[arg(long, value_name = "THREAD")]
        thread: String,
        /// As a page to print, into this new file
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// In which language its own words are: en or es; the words of the law stay in English
        #[arg(long, value_name = "LANG", default_value = "en")]
        lang: Lang,
        #[command(flatten)]
        staff: StaffArgs,
    },
    /// Write a file to this machine's disk, unsealed and in a new file
    Save {
        /// Id, or the beginning of it
        attachment: String,
        /// The new file
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// The referral in which it stands
        #[arg(long, value_name = "THREAD")]
        thread: Option<String>,
        #[command(flatten)]
        staff: StaffArgs,
    },
}

const WAYS: [(&str, Means); 3] = [("handed", Means::Handed), ("faxed", Means::Faxed), ("mailed", Means::Mailed)];

pub fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Add { file, person, thread, kind, text, staff } => {
            let to = match (thread, person) {
                (Some(thread), _) => AttachTo::Thread { thread, information: kind },
                (None, person) => AttachTo::Person { person: Personal::new(person.unwrap_or_default()) },
            };
            let bytes = read(&file)?;
            let login = context.login(&staff)?;
            let view = upload(context, &login, &to, &file, &bytes, Words::or_empty(text))?;
            context.show(&view)
        }
        Command::List { person, thread, staff } => {
            let of = AttachmentsOf { person: person.map(Personal::new), thread };
            context.care::<AttachmentsView>(&staff, Care::Attachments(of))
        }
        Command::Went { attachment, thread, by, to, when, staff } => {
            let ask = FileWentAsk { thread, file: attachment, way: by, to: Words::or_empty(to), when };
            context.care::<SentView>(&staff, Care::FileWent(ask))?;
            output::say("It is on record that it went there.");
            Ok(())
        }
        Command::Back { attachment, thread, why, staff } => {
            let ask = |why| Care::FileBack { thread: thread.clone(), file: attachment.clone(), why };
            context.worded::<SentView>(&staff, why, ("Why it did not go", "--why"), ask)
        }
        Command::Cover { attachment, thread, html, lang, staff } => {
            let ask = Care::FileCover(CoverAsk { thread, file: attachment, lang, ..CoverAsk::default() });
            let Some(file) = html else { return context.care::<CoverView>(&staff, ask) };
            let sheet: CoverView =
                super::filled(&file, || context.get_care(&staff, ask), |sheet: &CoverView| Ok(sheet.html.reveal()))?;
            output::say(&format!("The sheet to {} is in {}.", sheet.recipient, file.display()));
            if context.json { context.show(&sheet) } else { Ok(()) }
        }
        Command::Save { attachment, to, thread, staff } => save(context, &attachment, &to, thread.as_deref(), &staff),
    }
}

/// The bytes of a file, if it is no larger than an attachment may be.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let failed = |e: std::io::Error| Trouble::failed(format!("{} could not be read: {e}", path.display()));
    let mut bytes = Zeroizing::new(Vec::new());
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(limits::ATTACHMENT_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Sends a file to the node: asks first, then the chunks that are not there, then the manifest.
pub fn upload(
    context: &Context,
    login: &StaffLogin,
    to: &AttachTo,
    path: &Path,
    bytes: &[u8],
    text: Personal<String>,
) -> Result<AttachmentView> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let file = Upload::new(to.clone(), &name, bytes).map_err(|fault| Trouble::failed(fault.message))?;
    let here: AttachingView = context.care_as(login, file.ask())?;
    for some in here.missing.chunks(limits::CHUNKS_AT_ONCE) {
        let _: AttachingView = context.care_as(login, file.put(some))?;
    }
    context.care_as(login, file.finish(text))
}

fn save(context: &Context, attachment: &str, to: &Path, thread: Option<&str>, staff: &StaffArgs) -> Result<()> {
    let login = context.login(staff)?;
    let part = |from: u32| -> Result<AttachmentPart> {
        let (attachment, thread) = (attachment.to_owned(), thread.map(str::to_owned));
        context.care_as(&login, Care::AttachmentPart { attachment, thread, from })
    };
    let mut next = part(0)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(next.attachment.bytes).unwrap_or(0)));
    loop {
        for chunk in &next.chunks {
            let decoded = BASE64.decode(chunk.reveal().as_bytes());
            bytes.extend_from_slice(&decoded.map_err(|_| Trouble::failed("the node sent a part that is not base64"))?);
        }
        match next.next {
            Some(from) if bytes.len() as u64 <= limits::ATTACHMENT_BYTES => next = part(from)?,
            Some(_) | None => break,
        }
    }
    if HEXLOWER.encode(&digest(&bytes)) != next.attachment.id {
        return Err(Trouble::failed("what came is not the file that was attached; nothing was written"));
    }
    let mut file = super::create_new(to)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    output::say(&format!("Written to {}, for your eyes only. Delete it when you no longer need it.", to.display()));
    context.show(&next.attachment)
}
