//! Values of every kind, made from types alone: a deserialiser that has no bytes, and answers whatever a type asks for.
//!
//! Of each enum that it meets it gives the variants in turn, so that a kind which is added to a type is made without anybody
//! naming it here.

use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
};
use std::collections::BTreeMap;
use std::fmt;

/// Deeper than this lists are empty and options are none, so that types that hold themselves come to an end.
const DEEPEST: usize = 12;
/// Values that are tried for one type, at most.
const ROUNDS: usize = 3_000;

/// Variants that were made, by the name of the enum and of those it has.
#[derive(Default)]
struct Seen(BTreeMap<(&'static str, &'static [&'static str]), usize>);

/// Values of a type in which each variant of each enum stands at least once, as far as the type lets it be made.
pub fn values<T: DeserializeOwned>() -> Vec<T> {
    let (mut seen, mut values) = (Seen::default(), Vec::new());
    for round in 0..ROUNDS {
        let before = seen.told();
        let made = T::deserialize(Maker { seen: &mut seen, round, depth: 0 });
        // The first few differ in what is there and what is not.
        if round < 6 || seen.told() > before {
            values.extend(made);
        }
        if round >= 6 && seen.told() == seen.all() {
            break;
        }
    }
    values
}

impl Seen {
    fn all(&self) -> usize {
        self.0.keys().map(|(_, variants)| variants.len()).sum()
    }

    /// How many variants stood somewhere.
    fn told(&self) -> usize {
        self.0.iter().map(|((_, variants), next)| variants.len().min(*next)).sum()
    }
}

#[derive(Debug)]
struct Odd(String);

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Odd {}

impl serde::de::Error for Odd {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self(why.to_string())
    }
}

struct Maker<'s> {
    seen: &'s mut Seen,
    round: usize,
    depth: usize,
}

impl Maker<'_> {
    fn deeper(&mut self) -> Maker<'_> {
        Maker { depth: self.depth + 1, round: self.round, seen: self.seen }
    }

    /// A number that differs from round to round.
    fn number(&self) -> u8 {
        (self.round % 3) as u8 + 1
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
            visitor.$visit(self.number().into())
        })*
    };
}

impl<'de> Deserializer<'de> for Maker<'_> {
    type Error = Odd;

    numbers!(
        deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
        deserialize_u128 visit_u128, deserialize_i16 visit_i16, deserialize_i32 visit_i32, deserialize_i64 visit_i64,
        deserialize_i128 visit_i128, deserialize_f32 visit_f32, deserialize_f64 visit_f64
    );

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_i8(1)
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_bool(self.round.is_multiple_of(2))
    }
    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_char('a')
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_str(["one", "zwei äöü", ""][self.round % 3])
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        self.deserialize_str(visitor)
    }
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_bytes(&[7; 40])
    }
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_byte_buf(vec![7; 40])
    }
    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Odd> {
        if self.depth > DEEPEST || self.round % 4 == 3 {
            visitor.visit_none()
        } else {
            visitor.visit_some(self.deeper())
        }
    }
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_unit()
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_unit()
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(mut self, _: &'static str, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_newtype_struct(self.deeper())
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        let left = if self.depth > DEEPEST || self.round % 5 == 4 { 0 } else { 1 };
        visitor.visit_seq(Items { maker: self, left })
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_seq(Items { maker: self, left })
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &str, left: usize, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_seq(Items { maker: self, left })
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &str,
        fields: &'static [&str],
        visitor: V,
    ) -> Result<V::Value, Odd> {
        visitor.visit_seq(Items { maker: self, left: fields.len() })
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_map(serde::de::value::MapDeserializer::<_, Odd>::new(std::iter::empty::<(u32, u32)>()))
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Odd> {
        let next = self.seen.0.entry((name, variants)).or_default();
        let at = *next % variants.len();
        *next += 1;
        visitor.visit_enum(Variant { maker: self, at: u32::try_from(at).unwrap_or(0) })
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Odd> {
        Err(Odd("no names".to_owned()))
    }
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Odd> {
        Err(Odd("a type says what it wants".to_owned()))
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Odd> {
        Err(Odd("nothing is passed over".to_owned()))
    }
    fn is_human_readable(&self) -> bool {
        false
    }
}

struct Items<'s> {
    maker: Maker<'s>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Odd;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Odd> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.maker.deeper()).map(Some)
    }
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

struct Variant<'s> {
    maker: Maker<'s>,
    at: u32,
}

impl<'de, 's> EnumAccess<'de> for Variant<'s> {
    type Error = Odd;
    type Variant = Maker<'s>;
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Maker<'s>), Odd> {
        let number: U32Deserializer<Odd> = self.at.into_deserializer();
        Ok((seed.deserialize(number)?, self.maker))
    }
}

impl<'de> VariantAccess<'de> for Maker<'_> {
    type Error = Odd;
    fn unit_variant(self) -> Result<(), Odd> {
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, Odd> {
        seed.deserialize(self.deeper())
    }
    fn tuple_variant<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_seq(Items { maker: self, left })
    }
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Odd> {
        visitor.visit_seq(Items { maker: self, left: fields.len() })
    }
}
