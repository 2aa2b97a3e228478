//! Runs what gives a notice: a program that was configured, or the machine's mailer. No shell, and no mail stack or password of our
//! own: the mailer queues.

use crate::usecases::notices::Counts;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::limits::{MAIL_ADDRESS_CHARS, NOTICE_MILLIS};
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Where mailers put it (Filesystem Hierarchy Standard 3.0, 4.10.2 and 6.1).
const SENDMAIL: &str = "/usr/sbin/sendmail";

/// What gives a notice.
#[derive(Debug)]
pub struct Notifier {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Of mail: to whom.
    to: Option<String>,
    patience: Duration,
}

impl Notifier {
    /// A program that reads the line, with counts in its environment.
    #[must_use]
    pub fn command(program: PathBuf, arguments: Vec<String>) -> Self {
        let arguments = arguments.into_iter().map(OsString::from).collect();
        Self { program, arguments, to: None, patience: Duration::from_millis(NOTICE_MILLIS) }
    }

    /// As [`Notifier::command`], of a program that is there. One without a slash is looked for where the system looks for programs.
    ///
    /// # Errors
    /// `Misuse`: no file, or none that may be run.
    pub fn program(program: PathBuf, arguments: Vec<String>) -> Result<Self> {
        let runs = |path: &Path| {
            std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        };
        let found = if program.components().count() > 1 {
            runs(&program)
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| runs(&folder.join(&program)))
        };
        if found {
            return Ok(Self::command(program, arguments));
        }
        Err(Fault::misuse(format!(
            "--notify-command names {}, which is no program that may be run; name one by its whole path, such as \
             --notify-command /usr/local/bin/notify, and make it one with chmod +x",
            program.display()
        )))
    }

    /// The machine's mailer.
    ///
    /// # Errors
    /// `Misuse`: no address of one mailbox.
    pub fn mail(address: &str) -> Result<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "@.!#$%&'*+/=?^_`{|}~-".contains(c);
        let parts = address.split('@').collect::<Vec<_>>();
        let whole = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
        if !whole || address.len() > MAIL_ADDRESS_CHARS || address.starts_with('-') || !address.chars().all(plain) {
            return Err(Fault::misuse("--notify-mail takes one plain address, such as intake@clinic.example"));
        }
        // `-t`: the recipient stands in the message; `-i`: a line with a dot alone ends nothing.
        let mut mail = Self::command(SENDMAIL.into(), vec!["-t".to_owned(), "-i".to_owned()]);
        mail.to = Some(address.to_owned());
        Ok(mail)
    }

    /// What is written to the program.
    fn message(&self, counts: &Counts) -> String {
        let line = counts.line();
        match &self.to {
            None => format!("{line}\n"),
            Some(to) => format!(
                "To: {to}\nSubject: {line}\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n\
                 Content-Type: text/plain; charset=us-ascii\n\n{line}\n\nWhat it is: belay referral list --due\n"
            ),
        }
    }

    /// Runs it to its end. What it says is discarded; why it failed is told in a few words.
    ///
    /// # Errors
    /// It is not there, ended badly, or took too long.
    pub async fn tell(&self, counts: &Counts) -> std::result::Result<(), String> {
        let name = self.program.display();
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Where our secrets lie is nobody else's business.
        for (variable, _) in std::env::vars_os() {
            if variable.as_encoded_bytes().starts_with(b"BELAY_") || variable == "CREDENTIALS_DIRECTORY" {
                command.env_remove(&variable);
            }
        }
        let all = [
            ("BELAY_NEW", counts.new),
            ("BELAY_DUE", counts.due),
            ("BELAY_OVERDUE", counts.overdue),
            ("BELAY_REVIEW", counts.review),
            ("BELAY_JUDGE", counts.judge),
        ];
        command.envs(all.map(|(variable, count)| (variable, count.to_string()))).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("{name} can not be run: {error}"))?;
        let input = child.stdin.take();
        let message = self.message(counts);
        let told = async {
            if let Some(mut input) = input {
                // One that does not read it may be content with the environment.
                input.write_all(message.as_bytes()).await.or_else(unread)?;
            }
            child.wait().await
        };
        match tokio::time::timeout(self.patience, told).await {
            Err(_) => Err(format!("{name} was not done after {} seconds and was ended", self.patience.as_secs())),
            Ok(Err(error)) => Err(format!("{name}: {error}")),
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("{name} ended with {status}")),
        }
    }

    /// What mends it.
    pub(super) const fn remedy(&self) -> &'static str {
        match self.to {
            Some(_) => {
                "Set up the machine's mailer, or run the node with --notify-command; until then look at the work list"
            }
            None => "Try the command by hand, as the node's account; until then look at the work list",
        }
    }
}

fn unread(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const COUNTS: Counts = Counts { new: 1, due: 0, overdue: 2, review: 0, judge: 0 };

    fn program(path: &str, arguments: &[&str]) -> Notifier {
        Notifier::command(path.into(), arguments.iter().map(ToString::to_string).collect())
    }

    fn read(file: &Path) -> String {
        fs::read_to_string(file).unwrap()
    }

    #[tokio::test]
    async fn the_program_reads_one_line_and_finds_the_counts_in_its_environment() {
        let folder = tempfile::tempdir().unwrap();
        let (line, counts) = (folder.path().join("line"), folder.path().join("counts"));
        // No shell is run: what a shell would take for a command is a file's name.
        let odd = folder.path().join("$(touch odd); a b");
        program("/usr/bin/tee", &[line.to_str().unwrap(), odd.to_str().unwrap()]).tell(&COUNTS).await.unwrap();
        assert_eq!(
            (read(&line).as_str(), read(&odd).as_str()),
            ("Belay: 1 new, 2 overdue\n", "Belay: 1 new, 2 overdue\n")
        );
        let script = "env > \"$0\"";
        program("/bin/sh", &["-c", script, counts.to_str().unwrap()]).tell(&COUNTS).await.unwrap();
        let environment = read(&counts);
        let mut ours: Vec<&str> = environment.lines().filter(|line| line.starts_with("BELAY_")).collect();
        ours.sort_unstable();
        assert_eq!(ours, ["BELAY_DUE=0", "BELAY_JUDGE=0", "BELAY_NEW=1", "BELAY_OVERDUE=2", "BELAY_REVIEW=0"]);
    }

    #[tokio::test]
    async fn a_program_that_fails_is_missing_or_never_ends_is_told_in_a_few_words() {
        assert!(program("/bin/false", &[]).tell(&COUNTS).await.unwrap_err().contains("exit status: 1"));
        assert!(program("/nowhere/notify", &[]).tell(&COUNTS).await.unwrap_err().contains("can not be run"));
        let mut endless = program("/usr/bin/tail", &["-f", "/dev/null"]);
        endless.patience = Duration::from_millis(20);
        assert!(endless.tell(&COUNTS).await.unwrap_err().contains("was ended"));
    }

    #[test]
    fn a_program_that_is_none_is_refused_before_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notify");
        for wrong in ["/nowhere/notify".into(), folder.path().to_owned(), "no-such-program-of-belay".into()] {
            let fault = Notifier::program(wrong, Vec::new()).unwrap_err();
            assert!(fault.message.contains("--notify-command"), "{fault}");
        }
        fs::write(&file, "#!/bin/sh\n").unwrap();
        assert!(Notifier::program(file.clone(), Vec::new()).is_err(), "nobody may run it");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
        for right in [file, "sh".into(), "/bin/sh".into()] {
            assert!(Notifier::program(right.clone(), Vec::new()).is_ok(), "{}", right.display());
        }
    }

    #[test]
    fn the_mail_holds_counts_alone_and_goes_to_one_plain_address() {
        let mail = Notifier::mail("intake@clinic.example").unwrap();
        let message = mail.message(&COUNTS);
        let (head, body) = message.split_once("\n\n").unwrap();
        assert!(head.starts_with("To: intake@clinic.example\nSubject: Belay: 1 new, 2 overdue\n"), "{head}");
        assert!(body.starts_with("Belay: 1 new, 2 overdue\n"), "{body}");
        assert_eq!((mail.program.to_str(), mail.arguments.len()), (Some(SENDMAIL), 2));
        let long = format!("{}@clinic.example", "a".repeat(250));
        for wrong in
            ["", "intake", "a@b@c", "@clinic", "a@", "-oQ@x", "a@b\nBcc: c@d", "a@b, c@d", "a b@c", "ä@b", &long]
        {
            assert!(Notifier::mail(wrong).is_err(), "{wrong:?}");
        }
    }
}
