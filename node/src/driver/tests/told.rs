use super::*;
use crate::ops::conditions::{Condition, RETIRED, Severity};

fn retired(driver: &Driver) -> Option<Condition> {
    driver.conditions().all().into_iter().find(|condition| condition.code == RETIRED)
}

/// Waits for the link between the two.
async fn linked(driver: &Driver, node: NodeId) {
    let waiting = async {
        while driver.peers().iter().all(|peer| peer.node != node) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("a link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_word_that_this_node_was_retired_is_a_warning_that_ends_once_another_node_lets_it_in() {
    let (a, b) = (Org::init("A"), Org::init("B"));
    let alpha = a.start(TCP, Vec::new()).await;
    let beta = b.start(TCP, at(&alpha)).await;
    let coalition = together(&alpha, &beta).await;
    linked(&alpha, beta.node()).await;
    beta.stop().await;
    // Its own word stands against it, and is answered by no link of its own; that of another is.
    for (liar, ends) in [(beta.node(), false), (NodeId([7; 32]), true)] {
        alpha.call(move |core| core.told_retired(liar)).await.unwrap();
        let told = retired(&alpha).expect("it is told");
        assert_eq!(told.severity, Severity::Warning, "it is a word, and no more");
        assert!(told.sentence.contains(&liar.short()) && told.sentence.contains("its word alone"), "{}", told.sentence);
        let beta = b.start(TCP, at(&alpha)).await;
        say(&beta, coalition, if ends { b"again" } else { b"here" }).await.unwrap();
        hears(&alpha, if ends { vec![b"here", b"again"] } else { vec![b"here"] }).await;
        assert_eq!(retired(&alpha).is_none(), ends, "told by {}", liar.short());
        beta.stop().await;
    }
    alpha.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tidying_ends_the_transaction_that_is_open_and_keeps_what_is_in_it() {
    let a = Org::init("A");
    let alpha = a.start(TCP, Vec::new()).await;
    let tidied = alpha.call(|core| {
        core.write(|step, _| {
            step.draft().put(Table::Record, [0xff, 1], [1]);
            Ok::<_, Fault>(())
        })?;
        core.tidy()
    });
    tidied.await.unwrap().unwrap();
    assert_eq!(heard(&alpha).await, [[1]]);
    alpha.stop().await;
}
