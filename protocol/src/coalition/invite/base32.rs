//! Base32 for people (Crockford's alphabet): no padding, any case, `o` reads as 0, `i` and `l` as 1; there is no `u`.

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The symbols of these bytes, the last one filled up with zero bits.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(symbols(bytes.len()));
    let (mut bits, mut held) = (0u32, 0u32);
    let mut push = |value: u32| out.push(char::from(ALPHABET.get((value & 31) as usize).copied().unwrap_or(b'0')));
    for byte in bytes {
        bits = (bits << 8 | u32::from(*byte)) & 0xffff;
        held += 8;
        while held >= 5 {
            held -= 5;
            push(bits >> held);
        }
    }
    if held > 0 {
        push(bits << (5 - held));
    }
    out
}

/// The value of one symbol.
pub(super) fn value(symbol: char) -> Option<u8> {
    let symbol = match symbol.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == symbol).and_then(|index| u8::try_from(index).ok())
}

/// The bytes of these values; `None` if bits are left that are not zero.
pub(super) fn decode(values: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(values.len() * 5 / 8);
    let (mut bits, mut held) = (0u32, 0u32);
    for value in values {
        bits = (bits << 5 | u32::from(*value)) & 0xffff;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or(0));
        }
    }
    (held < 5 && bits & ((1 << held) - 1) == 0).then_some(out)
}

/// How many symbols so many bytes take.
pub(super) const fn symbols(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}
