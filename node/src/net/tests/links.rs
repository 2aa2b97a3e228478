//! More links of one node than it has a use for.

use super::*;

/// The next link that is opened. One that ends meanwhile is noted.
async fn opened(peer: &mut Peer, closed: &mut Vec<u64>) -> (u64, Outbox) {
    loop {
        match peer.next().await {
            Event::Opened { link, outbox, .. } => return (link, outbox),
            Event::Closed { link, .. } => closed.push(link),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_fifth_link_of_one_node_ends_the_first_and_no_other() {
    let (mut a, mut b) = (peer(1, b"member", TCP).await, peer(2, b"member", TCP).await);
    let (mut here, mut there, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        a.net.link(b.id, b.net.addresses());
        there.push(opened(&mut a, &mut Vec::new()).await);
        here.push(opened(&mut b, &mut closed).await);
    }
    if closed.is_empty() {
        match b.next().await {
            Event::Closed { link, .. } => closed.push(link),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(closed, [here[0].0], "the one that was opened first");
    // The four that are left carry frames.
    for ((link, _), (_, outbox)) in here.iter().zip(&there).skip(1) {
        outbox.send(told(b"still")).unwrap();
        assert!(matches!(b.next().await, Event::Frame { link: on, .. } if on == *link));
    }
}
