//! A page of the inbox and of the work list: the whole request, with who looked on record and a durable commit, as staff wait for
//! it. The floor is a read of as many kept rows, and a durable commit of one small row.

use super::Size;
use crate::table::{Figures, Row, Times, line, ms, ratio};
use anyhow::Result;
use belay_node::api::care::{Care, ListAsk, Part, ThreadsView};
use belay_node::usecases::worklist;
use belay_protocol::store::{self, View, Write};
use belay_tests::offices::{Pair, answer};
use std::time::{Duration, Instant};

const ROWS: usize = 100;

pub fn run(pair: &mut Pair, size: Size, table: &mut Figures) -> Result<()> {
    let threads = pair.threads.len();
    let office = &mut pair.offices[0];
    let start = Instant::now();
    let (made, _) = office.step(false, |step, _| Ok(worklist::freshen(step, usize::MAX)?))?;
    line(&format!("(every row of the list folded anew: {made})"), start.elapsed(), None);
    let inbox = ListAsk { pressing: 50, ..ListAsk::default() };
    let due = ListAsk { part: Part::Due, ..ListAsk::default() };
    let mut read = Vec::new();
    let row = office.store.scan(store::Table::List, &[1], Some(&[2]), 1, false)?;
    println!("(one kept row) {} bytes", row.first().map_or(0, |(_, value)| value.len()));
    for _ in 0..size.rounds {
        let start = Instant::now();
        std::hint::black_box(office.store.scan(store::Table::List, &[1], Some(&[2]), ROWS, false)?);
        read.push(start.elapsed());
    }
    let write = |n: usize| Write {
        table: store::Table::Own,
        key: b"bench".to_vec(),
        value: Some(vec![u8::try_from(n % 256).unwrap_or(0)]),
    };
    let mut committed = Vec::new();
    for n in 0..size.rounds {
        let start = Instant::now();
        office.store.commit(&[write(n)], true, |_| Ok(()))?;
        committed.push(start.elapsed());
    }
    let read = Times::of(read).told("  floor: as many kept rows read, no more");
    let committed = Times::of(committed).told("  floor: a durable commit of one row");
    let floor = read.p50() + committed.p50();
    for (what, ask) in
        [("inbox: a page of 100, 50 most pressing, counts", inbox), ("work list: a page of 100, counts", due)]
    {
        let mut times: Vec<Duration> = Vec::new();
        let mut counts = None;
        for _ in 0..size.rounds {
            let ask = Care::ReferralList(ask.clone());
            let start = Instant::now();
            let (view, _) = office.step(true, |step, session| answer::<ThreadsView>(step, session, &ask))?;
            times.push(start.elapsed());
            counts = Some(view.counts);
        }
        let times = Times::of(times).told(what);
        println!("  {counts:?}");
        table.add(Row {
            what: format!("{what}, {threads} threads"),
            aim: "under 50 ms",
            figure: times.both(),
            floor: format!("p50 {}: rows and commit", ms(floor)),
            ratio: Some(ratio(times.p50(), floor)),
            met: times.p99() < Duration::from_millis(50),
        });
    }
    Ok(())
}
