//! Where memory comes from.
//!
//! A directory is some millions of small texts that come and go on several threads. The C library's allocator keeps a heap for each thread and hardly
//! gives any of it back: jemalloc, for our code and for SQLCipher alike, takes a quarter less time of a core for a first sync and two thirds
//! of the memory (`tests/bench-peers/README.md`: laid under one program, by turns). It is made from source with the rest of the program, by a C compiler and make.
//! It has no build for Microsoft's own tools; there the C library's stays.

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
