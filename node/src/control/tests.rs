use super::*;
use futures::FutureExt;
use std::os::unix::fs::PermissionsExt;

struct Echo;

impl Handler for Echo {
    fn handle(&self, request: Request) -> BoxFuture<'_, Response> {
        async move { Response::Done(serde_json::to_value(request).unwrap()) }.boxed()
    }
}

fn done(response: Response) -> serde_json::Value {
    match response {
        Response::Done(value) => value,
        Response::Failed(failure) => panic!("{failure}"),
    }
}

async fn ask(folder: &Folder, request: Request) -> std::result::Result<Response, CallError> {
    let folder = folder.clone();
    tokio::task::spawn_blocking(move || call(&folder, &request)).await.unwrap()
}

#[tokio::test]
async fn a_request_is_answered_and_a_stopped_node_is_told_as_such() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    assert!(matches!(ask(&folder, Request::Status).await, Err(CallError::NotRunning(_))));
    let server = serve(&folder, Arc::new(Echo)).unwrap();
    assert_eq!(done(ask(&folder, Request::Status).await.unwrap())["do"], "status");
    assert_eq!(std::fs::metadata(folder.socket()).unwrap().permissions().mode() & 0o777, 0o600);
    drop(server);
    assert!(!folder.socket().exists());
    assert!(matches!(ask(&folder, Request::Status).await, Err(CallError::NotRunning(_))));
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_or_half_a_request_keeps_no_place_from_others() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    let _server = serve(&folder, Arc::new(Echo)).unwrap();
    let mut silent = Vec::new();
    for n in 0..2 * CLIENTS {
        let mut stream = UnixStream::connect(folder.socket()).await.unwrap();
        stream.write_all(if n % 2 == 0 { b"{" } else { b"" }).await.unwrap();
        silent.push(stream);
    }
    // The clock stands still while anybody has something to do, and goes on to what is due where nobody has.
    for mut stream in silent {
        let ended = timeout(10 * ASKING, stream.read(&mut [0])).await.expect("it is given up");
        assert_eq!(ended.unwrap_or(0), 0);
    }
    done(ask(&folder, Request::Status).await.unwrap());
}

#[tokio::test]
async fn a_socket_of_a_dead_process_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    drop(std::os::unix::net::UnixListener::bind(folder.socket()).unwrap());
    assert!(matches!(ask(&folder, Request::Status).await, Err(CallError::NotRunning(_))));
    let _server = serve(&folder, Arc::new(Echo)).unwrap();
    done(ask(&folder, Request::Status).await.unwrap());
}

#[tokio::test]
async fn a_folder_with_a_long_path_has_its_socket_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path().join("long".repeat(40)));
    folder.create().unwrap();
    let server = serve(&folder, Arc::new(Echo)).unwrap();
    let socket = place::find(&folder);
    assert_ne!(socket, folder.socket());
    done(ask(&folder, Request::Status).await.unwrap());
    drop(server);
    assert!(!socket.parent().unwrap().exists() && !folder.socket_pointer().exists());
}

#[tokio::test]
async fn bytes_that_are_no_request_are_refused_without_being_repeated() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    let _server = serve(&folder, Arc::new(Echo)).unwrap();
    let mut stream = UnixStream::connect(folder.socket()).await.unwrap();
    stream.write_all(b"{\"do\":\"planted secret\"}\n").await.unwrap();
    let mut answer = String::new();
    AsyncReader::new(&mut stream).read_line(&mut answer).await.unwrap();
    assert!(answer.contains("does not know this request") && !answer.contains("planted"), "{answer}");
    let endless = vec![b'x'; limits::REQUEST_BYTES + 2];
    let _ = stream.write_all(&endless).await;
    let mut answer = String::new();
    AsyncReader::new(&mut stream).read_line(&mut answer).await.unwrap();
    assert!(answer.contains("more than"), "{answer}");
}

#[tokio::test]
async fn nothing_is_said_to_a_socket_that_somebody_else_may_have_made() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path().join("long".repeat(40)));
    folder.create().unwrap();
    let _server = serve(&folder, Arc::new(Echo)).unwrap();
    let elsewhere = place::find(&folder).parent().unwrap().to_owned();
    done(ask(&folder, Request::Status).await.unwrap());
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(ask(&folder, Request::Status).await, Err(CallError::Stranger(_))), "anybody may write there");
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o700)).unwrap();
    done(ask(&folder, Request::Status).await.unwrap());
    assert!(may(7, 7) && may(0, 7) && !may(8, 7) && !may(8, 0), "the owner and root, and nobody else");
    // A link that stands where the folder stood: who may put one there may point it elsewhere.
    let moved = elsewhere.with_extension("aside");
    std::fs::rename(&elsewhere, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &elsewhere).unwrap();
    assert!(matches!(ask(&folder, Request::Status).await, Err(CallError::Stranger(_))), "a link");
    std::fs::remove_file(&elsewhere).unwrap();
    std::fs::rename(&moved, &elsewhere).unwrap();
    // Another account's folder, or its socket in ours. Only root can give something away.
    let socket = place::find(&folder);
    for made in [&elsewhere, &socket] {
        let Ok(()) = std::os::unix::fs::lchown(made, Some(65_534), None) else { return };
        assert!(matches!(ask(&folder, Request::Status).await, Err(CallError::Stranger(_))), "{}", made.display());
        std::os::unix::fs::lchown(made, Some(std::fs::metadata(home.path()).unwrap().uid()), None).unwrap();
        done(ask(&folder, Request::Status).await.unwrap());
    }
}

#[tokio::test]
async fn who_may_not_talk_over_the_socket_is_not_answered() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::at(home.path());
    for admitted in [true, false] {
        let listener = UnixListener::bind(folder.socket()).unwrap();
        let task = tokio::spawn(accept(listener, move |_| admitted, Arc::new(Echo)));
        let answer = ask(&folder, Request::Status).await;
        assert_eq!(answer.is_ok(), admitted, "{answer:?}");
        task.abort();
        std::fs::remove_file(folder.socket()).unwrap();
    }
}
