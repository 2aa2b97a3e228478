//! Graphs come from the store when they are first needed, and the least used leave when there are too many.

use super::control::Control;
use super::entry::Entry;
use super::graph::{Graph, Row};
use super::rows;
use super::spaces::Spaces;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, SpaceId};
use crate::limits;
use crate::store::{Draft, Table, View, after_prefix};

const ACCEPTED: u8 = 1;
const PAGE: usize = 512;

fn order_key(space: SpaceId, i: u32) -> Vec<u8> {
    [space.as_bytes().as_slice(), &i.to_be_bytes()].concat()
}

/// Stores an accepted entry as the `i`th of its space.
pub(super) fn store(draft: &mut Draft<'_>, space: SpaceId, i: u32, entry: &Entry, row: &Row) {
    let mut bytes = Vec::with_capacity(1 + entry.bytes().len());
    bytes.push(ACCEPTED);
    bytes.extend_from_slice(entry.bytes());
    draft.put(Table::Entry, entry.hash().0, bytes);
    let mut value = entry.hash().0.to_vec();
    value.extend_from_slice(&codec::encode(row));
    draft.put(Table::Order, order_key(space, i), value);
}

/// An accepted entry of the store.
pub(super) fn entry(view: &dyn View, hash: &EntryHash) -> Result<Option<Entry>> {
    match view.get(Table::Entry, hash.as_bytes())? {
        None => Ok(None),
        Some(mut bytes) => {
            if bytes.is_empty() {
                return Err(Fault::store("the store is damaged: an entry without bytes"));
            }
            bytes.remove(0);
            Entry::parse(bytes)
                .map(Some)
                .map_err(|fault| Fault::store(format!("the store is damaged: {}", fault.message)))
        }
    }
}

/// Hashes of accepted entries in order, from the `from`th on.
pub(super) fn order(view: &dyn View, space: SpaceId, from: u32, limit: usize) -> Result<Vec<(EntryHash, Row)>> {
    let end = after_prefix(space.as_bytes());
    let mut all = Vec::new();
    for (_, value) in view.scan(Table::Order, &order_key(space, from), end.as_deref(), limit, false)? {
        let damaged = || Fault::store("the store is damaged: an entry without its name");
        let (hash, row) = value.split_first_chunk::<32>().ok_or_else(damaged)?;
        all.push((EntryHash(*hash), rows::read("order of entries", row)?));
    }
    Ok(all)
}

impl Spaces {
    /// Makes sure that a space's graph, and that of its coalition, are in memory. False if there is no such space.
    pub(super) fn ensure(&mut self, view: &dyn View, space: SpaceId) -> Result<bool> {
        self.clock += 1;
        // With a thread's its coalition's is loaded, and coalitions stay.
        if let Some(graph) = self.graphs.get_mut(&space) {
            graph.used = self.clock;
        } else if let Some(graph) = self.load(view, space)? {
            self.keep_graph(graph);
        } else {
            return Ok(false);
        }
        self.last = Some(space);
        Ok(true)
    }

    fn load(&mut self, view: &dyn View, space: SpaceId) -> Result<Option<Graph>> {
        let mut from = 0;
        let mut page = order(view, space, from, PAGE)?;
        let Some((first, row)) = page.first() else { return Ok(None) };
        let damaged = || Fault::store("the store is damaged: a space does not start with its found entry");
        let bytes = entry(view, first)?.ok_or_else(damaged)?;
        let Some(Control::Found(found)) = Control::decode(bytes.header().kind, bytes.body())? else {
            return Err(damaged());
        };
        let mut graph = Graph::new(space, &found, row.org);
        if let Some(coalition) = graph.coalition()
            && !self.ensure(view, coalition)?
        {
            return Err(Fault::store("the store is damaged: a thread without its coalition"));
        }
        let coalition = graph.coalition().and_then(|k| self.graphs.get(&k)).map(Box::as_ref);
        while !page.is_empty() {
            from += u32::try_from(page.len()).unwrap_or(u32::MAX);
            for (hash, row) in page {
                let control = if row.kind.is_control() {
                    let entry = entry(view, &hash)?.ok_or_else(damaged)?;
                    Control::decode(row.kind, entry.body())?
                } else {
                    None
                };
                let past = graph.past_through(&row.parents, coalition, &row.control)?;
                graph.push(hash, &row, past, control)?;
            }
            page = order(view, space, from, PAGE)?;
        }
        Ok(Some(graph))
    }

    /// Takes a graph into memory.
    pub(super) fn keep_graph(&mut self, mut graph: Graph) {
        graph.used = self.clock;
        self.weight += graph.weight;
        let before = self.graphs.insert(graph.space, Box::new(graph));
        self.weight -= before.map_or(0, |graph| graph.weight);
        self.trim_graphs();
    }

    /// Lets threads and private spaces go that were not used for longest, while graphs are too many or too large. Coalitions stay, and
    /// so does what is in use now.
    pub(super) fn trim_graphs(&mut self) {
        while self.graphs.len() > limits::GRAPHS_IN_MEMORY || self.weight > self.graph_bytes {
            let idle = self.graphs.values().filter(|g| !g.is_coalition() && g.used < self.clock);
            let Some(oldest) = idle.min_by_key(|g| g.used).map(|g| g.space) else { return };
            self.weight -= self.graphs.remove(&oldest).map_or(0, |graph| graph.weight);
        }
    }

    /// A graph that is in memory, and its coalition's.
    pub(super) fn pair(&self, space: SpaceId) -> Result<(&Graph, Option<&Graph>)> {
        let missing = || Fault::bug("spaces: a graph is not in memory");
        let graph = self.graphs.get(&space).ok_or_else(missing)?;
        match graph.coalition() {
            None => Ok((graph, None)),
            Some(k) => Ok((graph, Some(self.graphs.get(&k).ok_or_else(missing)?))),
        }
    }

    /// As [`Spaces::pair`], loaded if need be.
    pub(super) fn opened(&mut self, view: &dyn View, space: SpaceId) -> Result<(&Graph, Option<&Graph>)> {
        if !self.ensure(view, space)? {
            return Err(Fault::misuse(format!("there is no space {} here", space.short())));
        }
        self.pair(space)
    }

    /// Brings a space's counts up to date, as of the first `known` control entries of its coalition (`None`: all).
    pub(super) fn count(&mut self, space: SpaceId, known: Option<u32>) -> Result<()> {
        let missing = || Fault::bug("spaces: a graph is not in memory");
        let mut graph = self.graphs.remove(&space).ok_or_else(missing)?;
        let coalition = graph.coalition().and_then(|k| self.graphs.get(&k)).map(Box::as_ref);
        let known = known.unwrap_or_else(|| coalition.map_or(0, Graph::controls));
        let counted = graph.count(coalition, known);
        self.graphs.insert(space, graph);
        counted
    }

    /// A graph whose counts are up to date, and its coalition's.
    pub(super) fn counted(&mut self, view: &dyn View, space: SpaceId) -> Result<(&Graph, Option<&Graph>)> {
        self.opened(view, space)?;
        self.count(space, None)?;
        self.pair(space)
    }
}
