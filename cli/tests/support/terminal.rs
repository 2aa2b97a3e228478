//! A command at a terminal that somebody sits at.

use super::PATIENCE;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;

/// What a command showed at its terminal, and with which code it ended.
#[derive(Debug)]
pub struct Shown {
    pub code: Option<i32>,
    pub text: String,
}

/// Runs it to its end. Each answer is typed once its question has been shown; that also checks that it is asked.
pub fn at_terminal(mut command: Command, answers: &[(&str, &str)]) -> Shown {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = std::ffi::OsString::from_vec(ptsname(&ours, Vec::new()).unwrap().into_bytes());
    let theirs = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let theirs = move || Stdio::from(theirs.try_clone().unwrap());
    let mut child = command.stdin(theirs()).stdout(theirs()).stderr(theirs()).spawn().unwrap();
    // The command keeps its end open; when all of those are gone, reading ends.
    drop((command, theirs));
    let mut ours = File::from(ours);
    let mut reads = ours.try_clone().unwrap();
    let (say, said) = mpsc::channel();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length) = reads.read(&mut piece) {
            if length == 0 || say.send(piece[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let (mut text, mut answers, mut from) = (String::new(), answers.iter(), 0);
    let mut next = answers.next();
    loop {
        match said.recv_timeout(PATIENCE) {
            Ok(piece) => text.push_str(&String::from_utf8_lossy(&piece)),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let _ = child.kill();
                panic!("it neither ends nor asks for {next:?}: {text}");
            }
        }
        while let Some((question, answer)) = next
            && let Some(at) = text[from..].find(question)
        {
            from += at + question.len();
            ours.write_all(format!("{answer}\n").as_bytes()).unwrap();
            next = answers.next();
        }
    }
    let code = child.wait().unwrap().code();
    assert!(next.is_none(), "it did not ask for {next:?}: {text}");
    Shown { code, text }
}
