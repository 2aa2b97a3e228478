//! A file a verb: its arguments, the request it makes, the view it shows.

pub mod agreement;
pub mod attachment;
pub mod audit;
pub mod backup;
mod before;
pub mod bundle;
pub mod carrier;
pub mod completions;
pub mod consent;
pub mod demo;
pub mod directory;
pub mod disclosures;
pub mod doctor;
pub mod emergency;
pub mod found;
pub mod hold;
pub mod init;
pub mod inquiry;
pub mod invite;
pub mod join;
pub mod leave;
pub mod left_out;
pub mod listing;
pub mod man;
pub mod node;
pub mod org;
pub mod partner;
pub mod peers;
pub mod person;
pub mod phrase;
pub mod plans;
pub mod print;
pub mod recover;
pub mod referral;
pub mod run;
pub mod status;
pub mod steward;
pub mod user;

use crate::args::{Cli, Command, Global, StaffArgs};
use crate::confirm;
use crate::output::{self, Show};
use crate::trouble::{Result, Trouble};
use belay_node::api::care::Care;
use belay_node::api::{Request, StaffLogin};
use belay_node::config::Folder;
use serde::{Serialize, de::DeserializeOwned};

/// What every verb gets.
#[derive(Debug)]
pub struct Context {
    pub folder: Folder,
    pub json: bool,
}

impl Context {
    fn new(global: &Global) -> Result<Self> {
        let folder = Folder::resolve(global.data.clone())?;
        Ok(Self { folder, json: global.json })
    }

    /// Asks the node and prints the view that comes back.
    pub fn ask<V: DeserializeOwned + Serialize + Show>(&self, request: &Request) -> Result<()> {
        self.show(&self.get::<V>(request)?)
    }

    pub fn get<V: DeserializeOwned>(&self, request: &Request) -> Result<V> {
        crate::client::call(&self.folder, request)
    }

    /// As [`Context::ask`], about persons, as the staff member who was named.
    pub fn care<V: DeserializeOwned + Serialize + Show>(&self, staff: &StaffArgs, ask: Care) -> Result<()> {
        self.show(&self.get_care::<V>(staff, ask)?)
    }

    /// As [`Context::care`], for a view that is not printed as it is.
    pub fn get_care<V: DeserializeOwned>(&self, staff: &StaffArgs, ask: Care) -> Result<V> {
        self.care_as(&self.login(staff)?, ask)
    }

    /// Who acts, with their own secret; asked for once where a command makes several requests.
    pub fn login(&self, staff: &StaffArgs) -> Result<StaffLogin> {
        let secret = confirm::secret(
            staff.staff_secret_file.as_deref(),
            &format!("Secret of {}", staff.staff),
            "--staff-secret-file F",
        )?;
        Ok(StaffLogin { name: staff.staff.clone(), secret })
    }

    /// As [`Context::care_get`], for who has been asked for the secret before.
    pub fn care_as<V: DeserializeOwned>(&self, login: &StaffLogin, ask: Care) -> Result<V> {
        self.get::<V>(&Request::Care { login: login.clone(), ask: Box::new(ask) })
    }

    /// As [`Context::care_as`]. What is refused since the same stands there already goes beside it, if whoever sits at the terminal says so.
    pub fn care_or_again<V: DeserializeOwned>(&self, login: &StaffLogin, ask: Care) -> Result<V> {
        match self.care_as(login, ask.clone()) {
            Err(refused) if confirm::attended() && before::is_double(&refused) => {
                output::say(&refused.message);
                confirm::sure("Is this one meant, and goes beside it?", false)?;
                self.care_as(login, again(ask))
            }
            answer => answer,
        }
    }

    pub fn show<V: Serialize + Show>(&self, view: &V) -> Result<()> {
        output::print(view, self.json)
    }
}

/// The same request, meant though the like of it stands there already.
fn again(mut ask: Care) -> Care {
    match &mut ask {
        Care::EmergencyTold(told) => told.again = true,
        Care::DisclosureRecord(record) => record.again = true,
        Care::ReferralSend(send) => send.again = true,
        Care::ReferralRefer(refer) => refer.send.again = true,
        Care::ReferralTied(tied) => tied.send.again = true,
        _ => {}
    }
    ask
}

/// Whether it may ask for words about a person before it asks the node: where none runs, nobody types them for nothing.
const fn asks_for_words(command: &Command) -> bool {
    matches!(
        command,
        Command::Person(_)
            | Command::Consent(_)
            | Command::Partner(_)
            | Command::Inquiry(_)
            | Command::Agreement(_)
            | Command::Referral(_)
            | Command::Emergency(_)
            | Command::Hold(_)
            | Command::Disclosures(_)
            | Command::Attachment(_)
    )
}

/// Runs what was typed.
pub fn run(cli: Cli) -> Result<()> {
    let context = Context::new(&cli.global)?;
    if confirm::attended() && asks_for_words(&cli.command) {
        crate::client::runs(&context.folder)?;
    }
    match cli.command {
        Command::Demo(args) => demo::run(&context, &cli.global, args),
        Command::Init(args) => init::run(&context, &args),
        Command::Run(args) => run::run(&context, args),
        Command::Status => status::run(&context),
        Command::Peers => peers::run(&context),
        Command::Doctor(args) => doctor::run(&context, &args),
        Command::Phrase(command) => phrase::run(&context, &command),
        Command::Found(args) => found::run(&context, args),
        Command::Invite(args) => invite::run(&context, args),
        Command::Join(args) => join::run(&context, args),
        Command::Leave(args) => leave::run(&context, &args),
        Command::Org(command) => org::run(&context, command),
        Command::Node(command) => node::run(&context, command),
        Command::Steward(command) => steward::run(&context, command),
        Command::User(command) => user::run(&context, command),
        Command::Directory(command) => directory::run(&context, command),
        Command::Listing(command) => listing::run(&context, command),
        Command::Person(command) => person::run(&context, command),
        Command::Consent(command) => consent::run(&context, command),
        Command::Partner(command) => partner::run(&context, command),
        Command::Inquiry(command) => inquiry::run(&context, command),
        Command::Agreement(command) => agreement::run(&context, command),
        Command::Referral(command) => referral::run(&context, command),
        Command::Emergency(command) => emergency::run(&context, command),
        Command::Hold(command) => hold::run(&context, command),
        Command::Disclosures(args) => disclosures::run(&context, args),
        Command::Attachment(command) => attachment::run(&context, command),
        Command::Bundle(command) => bundle::run(&context, command),
        Command::Carrier(command) => carrier::run(&context, &command),
        Command::Audit(command) => audit::run(&context, command),
        Command::Backup(command) => backup::run(&context, command),
        Command::Recover(args) => recover::run(&context, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
    }
}

/// Writes a file that was not there before, for its owner's eyes only.
pub fn write_new(path: &std::path::Path, content: &str) -> Result<()> {
    write_new_bytes(path, content.as_bytes())
}

/// The same for what is no text.
pub fn write_new_bytes(path: &std::path::Path, content: &[u8]) -> Result<()> {
    use std::io::Write;
    let mut file = create_new(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(())
}

/// Makes the new file first, and then asks for what goes into it: where no file can be made, nothing is on record as printed; where the node
/// refuses, no empty file stays.
pub fn filled<T>(
    path: &std::path::Path,
    ask: impl FnOnce() -> Result<T>,
    content: impl for<'a> FnOnce(&'a T) -> Result<&'a str>,
) -> Result<T> {
    use std::io::Write;
    let mut file = create_new(path)?;
    let answered = ask().and_then(|answer| {
        file.write_all(content(&answer)?.as_bytes())?;
        file.sync_all()?;
        Ok(answer)
    });
    answered.inspect_err(|_| drop(std::fs::remove_file(path)))
}

/// Makes a file that was not there before, for its owner's eyes only.
pub fn create_new(path: &std::path::Path) -> Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| {
        if e.kind() == std::io::ErrorKind::AlreadyExists {
            Trouble::failed(format!("{} is there already, and stays as it is", path.display()))
                .next("the command again with a new file name")
        } else {
            let trouble = Trouble::failed(format!("{} could not be written: {e}", path.display()));
            match (e.kind(), path.parent()) {
                (std::io::ErrorKind::NotFound, Some(folder)) => {
                    trouble.next(format!("mkdir -p {}, then the command again; or another file name", folder.display()))
                }
                _ => trouble.next("the command again with a file that this account may write"),
            }
        }
    })
}
