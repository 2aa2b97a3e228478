//! The same nodes asked over their control socket, without a process for each question: for many small ones, fast.

use super::{Node, PATIENCE, tail};
use belay_node::api::views::{SearchView, StatusView};
use belay_node::api::{Request, Response, request::Search};
use belay_node::config::Folder;
use belay_node::control;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

impl Node {
    pub fn folder(&self) -> Folder {
        Folder::at(self.data())
    }

    pub fn ask<V: DeserializeOwned>(&self, request: &Request) -> V {
        match control::call(&self.folder(), request) {
            Ok(Response::Done(value)) => serde_json::from_value(value).unwrap(),
            Ok(Response::Failed(failure)) => panic!("{}: {failure}\n{}", self.name, tail(&self.log())),
            Err(e) => panic!("{}: {e}\n{}", self.name, tail(&self.log())),
        }
    }

    pub fn listings(&self) -> u64 {
        self.ask::<StatusView>(&Request::Status).counts.listings
    }

    /// Whether a search for this word finds anything.
    pub fn finds(&self, word: &str) -> bool {
        let search = Search { words: word.to_owned(), limit: 5, ..Search::default() };
        self.ask::<SearchView>(&Request::DirectorySearch(search)).total > 0
    }

    pub fn until_finds(&self, word: &str) {
        self.until_so(&format!("the listing {word}"), || self.finds(word));
    }

    pub fn until_so(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < PATIENCE, "{}: {what} did not come:\n{}", self.name, tail(&self.log()));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A service of this name.
pub fn listing(name: &str) -> Request {
    let fields = BTreeMap::from([("name".to_owned(), name.to_owned())]);
    Request::ListingAdd { kind: "service".to_owned(), fields }
}

/// Adds listings as fast as the node in this folder takes them, at most `most`, until it is gone or `stop` says so. The names that it
/// acknowledged.
pub fn add_until(folder: &Folder, prefix: &str, most: usize, stop: impl Fn() -> bool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    while acknowledged.len() < most && !stop() {
        let name = format!("{prefix}x{}", acknowledged.len());
        match control::call(folder, &listing(&name)) {
            Ok(Response::Done(_)) => acknowledged.push(name),
            Ok(Response::Failed(_)) | Err(_) => break,
        }
    }
    acknowledged
}
