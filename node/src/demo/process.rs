//! One node of the demo: a process of its own, spoken to through its control socket like by any other client.

use crate::api::views::{InitView, Standing, StatusView};
use crate::api::{Request, Response, Secret};
use crate::config::Folder;
use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a node may take for anything that the demo waits for. Generous: a busy machine of two cores runs five of them.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a node.
const LOOK: Duration = Duration::from_millis(25);

/// A node, running or stopped.
#[derive(Debug)]
pub struct Node {
    pub name: String,
    pub folder: Folder,
    program: PathBuf,
    passphrase_file: PathBuf,
    passphrase: Secret,
    child: Option<Child>,
}

impl Node {
    /// Makes identity and store with `belay init`, in a folder of its own under `base`.
    pub fn init(program: &Path, base: &Path, number: usize, name: &str, kind: &str) -> Result<(Self, InitView)> {
        let home = base.join(format!("{}-{}", number + 1, slug(name)));
        fs::create_dir_all(&home).with_context(|| format!("{} could not be made", home.display()))?;
        let passphrase = Secret::new(secret()?);
        let passphrase_file = home.join("passphrase");
        write_secret(&passphrase_file, passphrase.reveal())?;
        let folder = Folder::at(home.join("data"));
        let out = Command::new(program)
            .args(["init", "--json", "--org", name, "--kind", kind, "--data"])
            .arg(folder.path())
            .arg("--passphrase-file")
            .arg(&passphrase_file)
            .arg("--phrase-file")
            .arg(home.join("phrase"))
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} could not be started", program.display()))?;
        if !out.status.success() {
            bail!("belay init for {name}: {}", String::from_utf8_lossy(&out.stderr).trim());
        }
        let view = serde_json::from_slice(&out.stdout).context("what belay init printed")?;
        Ok((
            Self {
                name: name.to_owned(),
                folder,
                program: program.to_owned(),
                passphrase_file,
                passphrase,
                child: None,
            },
            view,
        ))
    }

    /// Starts `belay run` on free ports of this machine, and waits until it answers.
    pub fn start(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(self.log_file())
            .with_context(|| format!("log of {}", self.name))?;
        let mut command = Command::new(&self.program);
        command.arg("run").arg("--data").arg(self.folder.path()).arg("--passphrase-file").arg(&self.passphrase_file);
        command.args(["--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--listen", "/ip4/127.0.0.1/tcp/0"]);
        command.args(["--http", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().with_context(|| format!("{} could not be started", self.program.display()))?);
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                bail!("{} ended at its start ({status}):\n{}", self.name, self.log_tail());
            }
            if let Ok(status) = self.ask::<StatusView>(&Request::Status)
                && !status.listen.is_empty()
            {
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                bail!("{} does not answer after {} s:\n{}", self.name, PATIENCE.as_secs(), self.log_tail());
            }
            super::go_on()?;
            std::thread::sleep(LOOK);
        }
    }

    /// Asks for a view.
    pub fn ask<V: DeserializeOwned>(&self, request: &Request) -> Result<V> {
        match crate::control::call(&self.folder, request).with_context(|| format!("{} does not answer", self.name))? {
            Response::Done(value) => {
                serde_json::from_value(value).with_context(|| format!("{} answered in another form", self.name))
            }
            Response::Failed(failure) => Err(anyhow::Error::new(failure)),
        }
    }

    pub fn status(&self) -> Result<StatusView> {
        self.ask(&Request::Status)
    }

    /// Waits until `seen` finds in a view what it looks for. `what` is said when patience ends.
    pub fn until<V: DeserializeOwned, T>(
        &self,
        request: &Request,
        what: &str,
        mut seen: impl FnMut(&V) -> Option<T>,
    ) -> Result<T> {
        let started = Instant::now();
        loop {
            let view: V = self.ask(request)?;
            if let Some(found) = seen(&view) {
                return Ok(found);
            }
            if started.elapsed() > PATIENCE {
                bail!("{}: {what} did not come within {} s:\n{}", self.name, PATIENCE.as_secs(), self.log_tail());
            }
            super::go_on()?;
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until this node is in the coalition and sees `organisations` of them.
    pub fn until_member(&self, organisations: usize) -> Result<()> {
        self.until(&Request::Status, "its membership", |s: &StatusView| {
            let inside = matches!(s.standing, Standing::Member | Standing::Steward);
            (inside && s.coalition.as_ref().is_some_and(|c| c.organisations == organisations)).then_some(())
        })
    }

    /// Stops it in order and waits for its end.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let asked = self.ask::<serde_json::Value>(&Request::Stop);
        let started = Instant::now();
        while started.elapsed() < PATIENCE && asked.is_ok() {
            if child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
        let _ = child.kill();
        child.wait()?;
        Ok(())
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// The passphrase, for the reader outside the node.
    pub const fn passphrase(&self) -> &Secret {
        &self.passphrase
    }

    pub fn log_file(&self) -> PathBuf {
        self.passphrase_file.with_file_name("log")
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Node {
    /// Nothing that the demo started outlives it.
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// A fresh secret: 20 letters.
pub fn secret() -> Result<String> {
    let mut bytes = [0u8; 10];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness from the system: {e}"))?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

/// Writes a file for its owner alone.
pub fn write_secret(path: &Path, text: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} could not be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

fn slug(name: &str) -> String {
    let words = name.split_whitespace().take(3).map(str::to_lowercase).collect::<Vec<_>>().join("-");
    words.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}
