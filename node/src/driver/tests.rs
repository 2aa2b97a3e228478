use super::*;
use crate::config::Folder;
use crate::store::Passphrase;
use crate::usecases::identity;
use belay_protocol::engine::Body;
use belay_protocol::ids::SpaceId;
use belay_protocol::keys::Certificate;
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Table, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use zeroize::Zeroizing;

mod told;

const TCP: &str = "/ip4/127.0.0.1/tcp/0";
const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";
/// What projections do: 0 keep, 1 fail, 2 panic.
type Mood = Arc<AtomicU8>;
const KEEP: u8 = 0;
const FAIL: u8 = 1;
const PANIC: u8 = 2;

/// Keeps each body under its entry's hash, so that a test sees what was committed and what was not.
struct Keeping {
    mood: Mood,
    /// How often the engine was told to go on from the store.
    forgot: Arc<AtomicU8>,
    door: Vec<(NodeId, Vec<String>)>,
    /// Whether something is due by the clock.
    owed: Mood,
}

impl UseCases for Keeping {
    fn project(&mut self, _engine: &mut Engine, tx: &Tx<'_>, events: &[Event]) -> Result<()> {
        for event in events {
            if let Event::Applied { hash, body: Body(body), .. } = event {
                if body.as_slice() == b"can not be shown" {
                    return Err(Fault::store("a table that takes it not"));
                }
                tx.put(Table::Record, &[&[0xff], hash.0.as_slice()].concat(), body)?;
            }
        }
        match self.mood.load(Ordering::SeqCst) {
            FAIL => Err(Fault::store("the disk is full")),
            PANIC => panic!("a projection that panics"),
            _ => Ok(()),
        }
    }

    fn invited(&mut self, _step: &mut Step<'_>, _peer: NodeId, frame: &[u8]) -> Result<Vec<u8>> {
        Ok([b"heard ", frame].concat())
    }

    fn introducers(&self, _view: &dyn View) -> Result<Vec<(NodeId, Vec<String>)>> {
        Ok(self.door.clone())
    }

    fn due(&self, _view: &dyn View) -> Result<bool> {
        Ok(self.owed.load(Ordering::SeqCst) != 0)
    }

    fn follow(&mut self, step: &mut Step<'_>) -> Result<()> {
        self.owed.store(0, Ordering::SeqCst);
        step.draft().put(Table::Record, DONE, []);
        Ok(())
    }

    fn forget(&mut self) {
        self.forgot.fetch_add(1, Ordering::SeqCst);
    }
}

/// That what was due is done.
const DONE: [u8; 1] = [0xfe];

struct Org {
    _home: tempfile::TempDir,
    folder: Folder,
    mood: Mood,
    owed: Mood,
    forgot: Arc<AtomicU8>,
}

fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new("a long enough one".into())).unwrap()
}

impl Org {
    fn init(name: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::at(home.path());
        let phrase = Phrase::generate(&mut crate::system::System);
        identity::init(&folder, &passphrase(), name, PartnerKind::CoveredEntity, &phrase, false).unwrap();
        Self { _home: home, folder, mood: Mood::default(), owed: Mood::default(), forgot: Arc::default() }
    }

    async fn start(&self, listen: &str, door: Vec<(NodeId, Vec<String>)>) -> Driver {
        let store = Store::open(&self.folder, &passphrase()).unwrap();
        let (mood, owed) = (Arc::clone(&self.mood), Arc::clone(&self.owed));
        let usecases = Keeping { mood, forgot: Arc::clone(&self.forgot), door, owed };
        Driver::start(store, Box::new(usecases), &[address::parse(listen).unwrap()], &[], Conditions::default())
            .await
            .unwrap()
    }
}

async fn who(driver: &Driver) -> (OrgCard, Certificate) {
    driver
        .query(|engine, store| Ok::<_, Fault>((identity::card(store)?, engine.identity().certificate().clone())))
        .await
        .unwrap()
}

/// Founds a coalition at `a` and lets `b`'s organisation in, as an invite does.
async fn together(a: &Driver, b: &Driver) -> SpaceId {
    let (card, _) = who(a).await;
    let coalition = a.write(move |step, _| step.found_coalition("county", card)).await.unwrap();
    let (card, certificate) = who(b).await;
    a.write(move |step, _| step.admit(coalition, card, certificate)).await.unwrap();
    let control = a.query(move |engine, store| engine.control_entries(store, coalition)).await.unwrap();
    let introducer = a.org();
    b.write(move |step, _| {
        step.join_coalition(coalition, introducer)?;
        step.take_entries(control)
    })
    .await
    .unwrap();
    coalition
}

async fn say(driver: &Driver, coalition: SpaceId, body: &'static [u8]) -> Result<()> {
    driver.write(move |step, _| step.write_coalition(coalition, body).map(drop)).await
}

async fn heard(driver: &Driver) -> Vec<Vec<u8>> {
    let rows = driver.read(|r| r.scan(Table::Record, &[0xff], None, usize::MAX, false)).await.unwrap();
    let mut bodies: Vec<Vec<u8>> = rows.into_iter().map(|(_, body)| body).collect();
    bodies.sort();
    bodies
}

/// Waits until the node has exactly these bodies.
async fn hears(driver: &Driver, mut expected: Vec<&[u8]>) {
    expected.sort_unstable();
    let mut changes = driver.changes();
    let waiting = async {
        while heard(driver).await != expected {
            changes.changed().await.unwrap();
        }
    };
    if tokio::time::timeout(Duration::from_secs(30), waiting).await.is_err() {
        panic!("expected {expected:?}, has {:?}", heard(driver).await);
    }
}

fn at(driver: &Driver) -> Vec<(NodeId, Vec<String>)> {
    vec![(driver.node(), driver.addresses())]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_by_the_clock_is_done_before_a_step_and_while_nobody_comes() {
    let org = Org::init("Mill Creek");
    let driver = org.start(TCP, Vec::new()).await;
    org.owed.store(1, Ordering::SeqCst);
    let done = driver.write(|step, _| step.draft().get(Table::Record, &DONE)).await.unwrap();
    assert!(done.is_some(), "the step would have gone before it");
    // A commit lets the driver look once nothing else comes.
    let mut changes = driver.changes();
    driver
        .write(|step, _| {
            step.draft().delete(Table::Record, DONE);
            Ok::<_, Fault>(())
        })
        .await
        .unwrap();
    org.owed.store(1, Ordering::SeqCst);
    let waiting = async {
        while driver.read(|r| r.get(Table::Record, &DONE)).await.unwrap().is_none() {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_come_into_step_over_tcp_and_quic() {
    for listen in [TCP, QUIC] {
        let (a, b) = (Org::init("A"), Org::init("B"));
        let alpha = a.start(listen, Vec::new()).await;
        let beta = b.start(listen, at(&alpha)).await;
        let coalition = together(&alpha, &beta).await;
        say(&alpha, coalition, b"from alpha").await.unwrap();
        hears(&beta, vec![b"from alpha"]).await;
        say(&beta, coalition, b"from beta").await.unwrap();
        hears(&alpha, vec![b"from alpha", b"from beta"]).await;
        assert_eq!(alpha.peers()[0].node, beta.node());
        assert_eq!(beta.peers()[0].org, alpha.org());
        assert!(!alpha.located().is_reachable() && alpha.conditions().all().iter().any(|c| c.code == "unreachable"));

        // Stopped in order and started again, on another port: both are told where the other one is now.
        beta.stop().await;
        assert!(beta.query(|_, _| Ok::<_, Fault>(())).await.unwrap_err().message.contains("stopping"));
        say(&alpha, coalition, b"meanwhile").await.unwrap();
        let beta = b.start(listen, at(&alpha)).await;
        hears(&beta, vec![b"from alpha", b"from beta", b"meanwhile"]).await;
        alpha.stop().await;
        beta.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_no_link_and_nothing_but_the_invite_protocol() {
    let (a, b, c) = (Org::init("A"), Org::init("B"), Org::init("C"));
    let alpha = a.start(TCP, Vec::new()).await;
    let beta = b.start(TCP, at(&alpha)).await;
    let coalition = together(&alpha, &beta).await;
    let stranger = c.start(TCP, at(&alpha)).await;
    // It even knows the coalition's name.
    let introducer = alpha.org();
    stranger.write(move |step, _| step.join_coalition(coalition, introducer)).await.unwrap();
    say(&alpha, coalition, b"for members").await.unwrap();
    hears(&beta, vec![b"for members"]).await;
    let mut dialogue = stranger.net().talk(Some(alpha.node()), alpha.net().addresses()).await.unwrap();
    dialogue.send(b"a code").await.unwrap();
    assert_eq!(dialogue.receive(100).await.unwrap(), b"heard a code");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(alpha.peers().iter().all(|p| p.node == beta.node()), "the stranger is linked");
    assert!(heard(&stranger).await.is_empty());
    for driver in [alpha, beta, stranger] {
        driver.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_is_told_keeps_nothing_and_is_made_good() {
    let (a, b) = (Org::init("A"), Org::init("B"));
    let alpha = a.start(TCP, Vec::new()).await;
    let beta = b.start(TCP, at(&alpha)).await;
    let coalition = together(&alpha, &beta).await;
    say(&alpha, coalition, b"one").await.unwrap();
    hears(&beta, vec![b"one"]).await;

    b.mood.store(FAIL, Ordering::SeqCst);
    let fault = say(&beta, coalition, b"lost").await.unwrap_err();
    assert!(fault.message.contains("the disk is full"));
    assert!(beta.conditions().all().iter().any(|c| c.code == "store"));
    assert!(beta.peers().is_empty(), "links stand on a state that was not kept");
    say(&alpha, coalition, b"two").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(heard(&beta).await, [b"one"]);

    b.mood.store(KEEP, Ordering::SeqCst);
    hears(&beta, vec![b"one", b"two"]).await;
    say(&beta, coalition, b"three").await.unwrap();
    hears(&alpha, vec![b"one", b"two", b"three"]).await;
    assert!(beta.conditions().all().iter().all(|c| c.code != "store"));
    alpha.stop().await;
    beta.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dies_in_a_transaction_loses_nothing_that_it_acknowledged() {
    let (a, b) = (Org::init("A"), Org::init("B"));
    let alpha = a.start(TCP, Vec::new()).await;
    let beta = b.start(TCP, at(&alpha)).await;
    let coalition = together(&alpha, &beta).await;
    say(&beta, coalition, b"acknowledged").await.unwrap();
    b.mood.store(PANIC, Ordering::SeqCst);
    assert!(say(&beta, coalition, b"lost").await.is_err());
    beta.ended().await;
    beta.net().stop().await;
    b.mood.store(KEEP, Ordering::SeqCst);
    let beta = b.start(TCP, at(&alpha)).await;
    hears(&alpha, vec![b"acknowledged"]).await;
    say(&alpha, coalition, b"after").await.unwrap();
    hears(&beta, vec![b"acknowledged", b"after"]).await;
    alpha.stop().await;
    beta.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_refused_leaves_no_trace() {
    let a = Org::init("A");
    let alpha = a.start(TCP, Vec::new()).await;
    let refused = alpha.write(|step, _| {
        step.draft().put(Table::Record, [0xff], [1]);
        Err::<(), _>(Fault::misuse("no"))
    });
    assert_eq!(refused.await.unwrap_err().message, "no");
    assert!(heard(&alpha).await.is_empty());
    alpha.stop().await;
    let mut store = Store::open(&a.folder, &passphrase()).unwrap();
    let write = Write { table: Table::Record, key: vec![0xff], value: Some(vec![1]) };
    store.commit(&[write], true, |_| Ok(())).unwrap();
}

/// Holds the driver's thread from when the first of these is rung until the second is.
fn hold(driver: &Driver) -> (impl Future<Output = Result<()>> + use<>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((began, begins), (go_on, goes_on)) = (mpsc::channel(), mpsc::channel());
    let driver = driver.clone();
    let held = async move {
        driver
            .query(move |_, _| {
                began.send(()).unwrap();
                goes_on.recv().unwrap();
                Ok(())
            })
            .await
    };
    (held, begins, go_on)
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_wait_behind_each_other_share_a_commit_and_one_that_fails_takes_none_with_it() {
    let a = Org::init("A");
    let alpha = a.start(TCP, Vec::new()).await;
    let (card, _) = who(&alpha).await;
    let coalition = alpha.write(move |step, _| step.found_coalition("county", card)).await.unwrap();
    let (held, begins, go_on) = hold(&alpha);
    let held = tokio::spawn(held);
    begins.recv().unwrap();
    let before = *alpha.changes().borrow();
    let bodies: [&'static [u8]; 8] = [b"1", b"2", b"3", b"can not be shown", b"4", b"5", b"6", b"7"];
    let mut said: Vec<_> = bodies.iter().map(|body| Box::pin(say(&alpha, coalition, body))).collect();
    for said in &mut said {
        assert!(futures::poll!(said).is_pending());
    }
    go_on.send(()).unwrap();
    held.await.unwrap().unwrap();
    let outcomes = futures::future::join_all(said).await;
    for (body, outcome) in bodies.iter().zip(outcomes) {
        assert_eq!(outcome.is_err(), *body == b"can not be shown", "{outcome:?}");
    }
    assert_eq!(heard(&alpha).await, [b"1", b"2", b"3", b"4", b"5", b"6", b"7"]);
    let commits = *alpha.changes().borrow() - before;
    assert!(commits < 7, "{commits} commits for seven bodies");
    alpha.stop().await;
    // What was kept is whole: the node starts on it, and goes on.
    let alpha = a.start(TCP, Vec::new()).await;
    say(&alpha, coalition, b"8").await.unwrap();
    alpha.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_leaves_before_what_it_may_rest_on_is_on_the_disk() {
    let a = Org::init("A");
    let alpha = a.start(TCP, Vec::new()).await;
    let (card, _) = who(&alpha).await;
    let coalition = alpha.write(move |step, _| step.found_coalition("county", card)).await.unwrap();
    let (first, begins, go_on) = hold(&alpha);
    let first = tokio::spawn(first);
    begins.recv().unwrap();
    let mut said = Box::pin(say(&alpha, coalition, b"said"));
    let mut asked = Box::pin(alpha.query(|_, _| Ok::<_, Fault>(())));
    let (last, last_begins, last_goes_on) = hold(&alpha);
    let mut last = Box::pin(last);
    assert!(futures::poll!(&mut said).is_pending() && futures::poll!(&mut asked).is_pending());
    assert!(futures::poll!(&mut last).is_pending());
    go_on.send(()).unwrap();
    // The last one holds the thread now, in the group of those before it unless that was full.
    last_begins.recv().unwrap();
    let asked_first = futures::poll!(&mut asked).is_ready();
    let said_after = futures::poll!(&mut said).is_pending();
    assert!(!(asked_first && said_after), "a question was answered by what was not on the disk yet");
    last_goes_on.send(()).unwrap();
    first.await.unwrap().unwrap();
    last.await.unwrap();
    if said_after {
        said.await.unwrap();
        asked.await.unwrap();
    }
    assert_eq!(heard(&alpha).await, [b"said"]);
    alpha.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_step_can_not_be_finished_the_engine_goes_on_from_the_store() {
    let a = Org::init("A");
    let alpha = a.start(TCP, Vec::new()).await;
    let (card, _) = who(&alpha).await;
    let coalition = alpha.write(move |step, _| step.found_coalition("county", card)).await.unwrap();
    // The disk fails under what finishing reads; it is well again afterwards.
    let failed = alpha.write(move |step, sql| {
        step.write_coalition(coalition, b"lost")?;
        sql.execute_batch(&format!("DROP TABLE kv_{}", Table::Arrival as u8)).map_err(|e| Fault::store(e.to_string()))
    });
    assert_eq!(failed.await.unwrap_err().class, belay_protocol::fault::Class::Store);
    assert_eq!(a.forgot.load(Ordering::SeqCst), 1);
    say(&alpha, coalition, b"kept").await.unwrap();
    assert_eq!(heard(&alpha).await, [b"kept"]);
    alpha.stop().await;
}

/// Waits until the first node knows where the second one is now.
async fn finds(at: &Driver, other: &Driver, coalition: SpaceId) {
    let (node, now) = (other.node(), other.addresses());
    let mut changes = at.changes();
    let waiting = async {
        loop {
            let registers = at.query(move |engine, store| engine.registers(store, coalition)).await.unwrap();
            let told = registers.into_iter().find(|register| register.node == node && register.name == "addresses");
            let told = told.map(|told| belay_protocol::codec::decode::<Vec<String>>("addresses", &told.value).unwrap());
            if told.is_some_and(|told| now.iter().any(|address| told.contains(address))) {
                return;
            }
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it is looked for where it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_put_back_on_another_machine_tells_anew_where_it_is() {
    let (a, b) = (Org::init("A"), Org::init("B"));
    let alpha = a.start(TCP, Vec::new()).await;
    let beta = b.start(TCP, at(&alpha)).await;
    let coalition = together(&alpha, &beta).await;
    finds(&alpha, &beta, coalition).await;
    beta.stop().await;
    let image = std::fs::read(b.folder.database()).unwrap();
    // It is on other ports since, and has said so.
    for _ in 0..3 {
        let beta = b.start(TCP, at(&alpha)).await;
        finds(&alpha, &beta, coalition).await;
        beta.stop().await;
    }
    std::fs::write(b.folder.database(), image).unwrap();
    let beta = b.start(TCP, at(&alpha)).await;
    finds(&alpha, &beta, coalition).await;
    alpha.stop().await;
    beta.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_nobody_asks_merges_the_index_of_words() {
    let a = Org::init("A");
    {
        let mut store = Store::open(&a.folder, &passphrase()).unwrap();
        for row in 0..12 {
            let part = |tx: &Tx<'_>| {
                let insert = "INSERT INTO listing_text (rowid, name, place, said) VALUES (?1, 'a', 'b', 'c')";
                tx.sql().execute(insert, [row]).map(drop).map_err(crate::store::fault("test"))
            };
            store.commit(&[], false, part).unwrap();
        }
    }
    let alpha = a.start(TCP, Vec::new()).await;
    let parts = || {
        alpha.read(|r| {
            let count = "SELECT count(DISTINCT segid) FROM listing_text_idx";
            r.sql().query_row(count, [], |row| row.get::<_, i64>(0)).map_err(crate::store::fault("test"))
        })
    };
    let merged = async {
        while parts().await.unwrap() > 3 {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), merged).await.is_ok(), "{} parts", parts().await.unwrap());
    alpha.stop().await;
}
