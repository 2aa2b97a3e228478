use super::*;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn only_addresses_of_this_machine_alone_are_taken() {
    for ours in ["127.0.0.1:0", "localhost:4871", "[::1]:4871"] {
        assert!(parse(ours).is_ok(), "{ours}");
    }
    for open in ["0.0.0.0:4871", "[::]:4871", "192.168.1.5:80", "[::ffff:127.0.0.1]:80", "127.0.0.2:80"] {
        let failure = parse(open).unwrap_err();
        assert!(failure.message.contains("this machine only"), "{open}: {failure}");
        assert!(failure.next.is_some());
    }
    for wrong in ["", "4871", "localhost", "belay.example:80", "127.0.0.1:99999"] {
        assert!(parse(wrong).unwrap_err().message.contains("takes an address and a port"), "{wrong}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named_and_port_zero_takes_a_free_one() {
    let first = Server::bind("127.0.0.1:0").await.unwrap();
    assert_ne!(first.address().port(), 0);
    let second = Server::bind(&first.address().to_string()).await.err().unwrap();
    assert!(second.message.contains(&first.address().to_string()), "{second}");
    assert!(second.message.contains("taken"), "{second}");
}

#[tokio::test]
async fn stopping_answers_what_is_under_way_and_closes_the_port() {
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.address();
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "answered"
    };
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(server.serve(Router::new().route("/", get(slow)), stopped));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(true).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.ends_with("answered"), "{text}");
    serving.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
