//! A page of the inbox and of the work list: the whole request, with who looked on record and a durable commit, as staff wait for
//! it. The floor is a read of as many kept rows, and a durable commit of one small row.

use super::office::{Pair, answer};
use super::{Size, print};
use anyhow::Result;
use belay_node::api::care::{Care, ListAsk, Part, ThreadsView};
use belay_node::usecases::worklist;
use belay_protocol::store::{Table, View, Write};
use std::time::{Duration, Instant};

const ROWS: usize = 100;

pub fn run(pair: &mut Pair, size: Size) -> Result<()> {
    let office = &mut pair.offices[0];
    let start = Instant::now();
    let (made, _) = office.step(false, |step, _| Ok(worklist::freshen(step, usize::MAX)?))?;
    print::row(&format!("(every row of the list folded anew: {made})"), start.elapsed(), None);
    let inbox = ListAsk { pressing: 50, ..ListAsk::default() };
    let due = ListAsk { part: Part::Due, ..ListAsk::default() };
    let mut read = Vec::new();
    let (_, row) = (0, office.store.scan(Table::List, &[1], Some(&[2]), 1, false)?);
    println!("{:<56} {} bytes", "(one kept row)", row.first().map_or(0, |(_, value)| value.len()));
    for _ in 0..size.rounds {
        let start = Instant::now();
        std::hint::black_box(office.store.scan(Table::List, &[1], Some(&[2]), ROWS, false)?);
        read.push(start.elapsed());
    }
    let write = |n: usize| Write {
        table: Table::Own,
        key: b"bench".to_vec(),
        value: Some(vec![u8::try_from(n % 256).unwrap_or(0)]),
    };
    let mut committed = Vec::new();
    for n in 0..size.rounds {
        let start = Instant::now();
        office.store.commit(&[write(n)], true, |_| Ok(()))?;
        committed.push(start.elapsed());
    }
    let read = print::percentiles("  floor: as many kept rows read, no more", &mut read);
    let committed = print::percentiles("  floor: a durable commit of one row", &mut committed);
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
        let median = print::percentiles(what, &mut times);
        println!(
            "{:<56} ratio {:.2} against both floors; {counts:?}",
            "",
            median.as_secs_f64() / (read + committed).as_secs_f64()
        );
    }
    Ok(())
}
