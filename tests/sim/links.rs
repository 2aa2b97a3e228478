//! Who has a link with whom: who admits whom, what who is denied is told, and how a link ends.

use super::world::World;
use belay_protocol::engine::Input;

impl World {
    /// Whether two machines are of the organisations that never have a link.
    pub fn never_meet(&self, a: usize, b: usize) -> bool {
        let ends = [self.hosts[a].org, self.hosts[b].org];
        self.apart.is_some_and(|[one, other]| ends == [one, other] || ends == [other, one])
    }

    /// Opens a link between two machines, if each admits the other.
    pub fn connect(&mut self, a: usize, b: usize) {
        if self.hosts[a].node == self.hosts[b].node || self.hosts[a].group != self.hosts[b].group {
            return;
        }
        if self.hosts[a].engine.is_none() || self.hosts[b].engine.is_none() || self.net.joined(a, b) {
            return;
        }
        if self.never_meet(a, b) {
            return;
        }
        let admitted = [self.admits(a, b), self.admits(b, a)];
        if admitted != [true; 2] {
            self.count("connections denied");
            return;
        }
        for (me, peer) in [(a, b), (b, a)] {
            if self.hosts[me].honest() && self.hosts[peer].stranger {
                self.breaks(format!("6: host {me} admits host {peer}, a stranger"));
            }
            if self.hosts[me].honest() && self.knows_retired(me, self.hosts[peer].node) {
                self.breaks(format!("3: host {me} admits host {peer}, of which it knows that it is retired"));
            }
        }
        self.count("connections");
        let link = self.net.open([a, b], [a, b].map(|end| self.hosts[end].skew));
        for (me, peer) in [(a, b), (b, a)] {
            let (node, org) = (self.hosts[peer].node, self.hosts[peer].org);
            self.input(me, Input::Connected { link, node, org });
        }
    }

    /// Whether `judge` admits `asks`; who is denied is told why, and believes it.
    fn admits(&mut self, judge: usize, asks: usize) -> bool {
        let (node, other) = (self.hosts[asks].node, self.hosts[judge].node);
        let Some(frame) = self.hosts[asks].ask(|engine, view| engine.admission(view, other).unwrap()) else {
            return false;
        };
        let answer = self.hosts[judge].ask(|engine, view| {
            let denial = engine.admits(view, node, &frame).unwrap().err()?;
            Some(engine.denial(view, &denial).unwrap())
        });
        let Some(Some(denied)) = answer else { return answer.is_some() };
        let heard = self.hosts[asks].ask(|engine, view| engine.admits(view, other, &denied).unwrap());
        if let Some(Err(denial)) = heard {
            for notice in denial.notices {
                self.act(asks, |step| step.take_removal(notice));
            }
        }
        false
    }

    pub fn cut(&mut self, link: u64) {
        let lost = self.net.cut(link, &mut self.rng);
        self.count("cuts");
        *self.stats.entry("frames lost").or_default() += lost as u64;
    }
}
