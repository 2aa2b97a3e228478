//! Readers of directories that people bring as files.

use belay_node::interchange::{self, Import};
use belay_protocol::directory::{Existing, Incoming, plan};
use belay_protocol::ids::OrgId;
use std::path::Path;
use tempfile::TempDir;

/// Writes bytes under a name, reads the path, and makes of what was read what an import would write.
fn read(bytes: &[u8], file: &str) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join(file);
    std::fs::write(&path, bytes).expect("a file");
    take(&path);
}

fn take(path: &Path) {
    match interchange::read(path) {
        Ok(Import { listings, .. }) => {
            assert!(!listings.is_empty(), "an import of nothing was no error");
            let incoming = Incoming { set: "fuzzed".into(), listings };
            let _plan = plan(&OrgId([1; 32]), &Existing::default(), &incoming);
        }
        Err(fault) => assert!(!fault.message.is_empty(), "a refusal without a word"),
    }
}

pub fn spreadsheet(bytes: &[u8]) {
    read(bytes, "partners.csv");
}

pub fn hsds_json(bytes: &[u8]) {
    read(bytes, "services.json");
}

/// A package whose one table is the bytes.
pub fn hsds_table(bytes: &[u8]) {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("organizations.csv"), "id,name,description\n1,Stone Chapel,beds\n")
        .expect("a file");
    std::fs::write(folder.path().join("services.csv"), bytes).expect("a file");
    take(folder.path());
}
