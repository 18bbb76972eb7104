//! Country outlines and the projection of small world maps.

/// Outer rings in tenths of a degree with the code of their country; where they come from is said in the file.
const RINGS: &str = include_str!("countries.txt");

/// Coefficients of the Equal Earth projection.
///
/// Source: Šavrič, Patterson and Jenny 2018, eq. 7.
const A: [f64; 4] = [1.340264, -0.081106, 0.000893, 0.003796];

/// Place of a longitude and latitude (degrees) on the map, east and north, in units in which the map is
/// about 344 wide and 167 high.
///
/// The Equal Earth projection: areas keep their size, so that no continent looks larger than it is.
///
/// Source: Šavrič, Patterson and Jenny 2018.
pub fn project([longitude, latitude]: [f64; 2]) -> [f64; 2] {
    let root3 = 3.0f64.sqrt();
    let theta = libm::asin(root3 / 2.0 * libm::sin(latitude.to_radians()));
    let (t2, t6) = (theta.powi(2), theta.powi(6));
    let slope = 9.0 * A[3] * t6 * t2 + 7.0 * A[2] * t6 + 3.0 * A[1] * t2 + A[0];
    let x = 2.0 * root3 * longitude.to_radians() * libm::cos(theta) / (3.0 * slope);
    let y = theta * (A[3] * t6 * t2 + A[2] * t6 + A[1] * t2 + A[0]);
    [x.to_degrees(), y.to_degrees()].map(|v| v + 0.0)
}

/// A polygon of a country.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// ISO 3166-1 alpha-3 code of the country; `XKX` for Kosovo.
    pub iso3: &'static str,
    /// Its outer ring, projected.
    pub ring: Vec<[f64; 2]>,
}

/// The outlines of all countries, those of a country with several polygons under one code.
pub fn outlines() -> Vec<Outline> {
    let lines = RINGS.lines().filter(|line| !line.starts_with('#'));
    let point = |text: &str| {
        let (x, y) = text.split_once(',')?;
        let degrees = |t: &str| t.parse::<f64>().ok().map(|v| v / 10.0);
        Some(project([degrees(x)?, degrees(y)?]))
    };
    let outline = |line: &'static str| {
        let (iso3, points) = line.split_once(' ')?;
        Some(Outline { iso3, ring: points.split(' ').filter_map(point).collect() })
    };
    lines.filter_map(outline).collect()
}

/// The outlines without their countries: one ring per polygon.
pub fn rings() -> Vec<Vec<[f64; 2]>> {
    outlines().into_iter().map(|outline| outline.ring).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projection_is_the_published_one() {
        // Values of the reference implementation (d3-geo's geoEqualEarthRaw, radians).
        let close = |found: [f64; 2], expected: [f64; 2]| {
            found.iter().zip(expected).all(|(f, e)| (f.to_radians() - e).abs() < 1e-6)
        };
        assert_eq!(project([0.0, 0.0]), [0.0, 0.0]);
        assert!(
            close(project([180.0, 0.0]), [2.706_629_983_696_21, 0.0]),
            "{:?}",
            project([180.0, 0.0])
        );
        assert!(
            close(project([0.0, 90.0]), [0.0, 1.317_362_759_157_407_8]),
            "{:?}",
            project([0.0, 90.0])
        );
        let [x, y] = project([-60.0, -30.0]);
        assert_eq!(project([60.0, 30.0]), [-x, -y]);
    }

    #[test]
    fn every_ring_is_a_polygon_on_the_globe() {
        let rings = rings();
        assert!(rings.len() > 400, "{}", rings.len());
        for ring in &rings {
            assert!(ring.len() >= 4);
            assert_eq!(ring.first(), ring.last());
            assert!(ring.iter().all(|[x, y]| x.abs() < 180.0 && y.abs() < 90.0));
        }
    }

    #[test]
    fn outlines_know_their_countries() {
        let outlines = outlines();
        assert!(outlines.iter().all(|o| o.iso3.len() == 3 && o.iso3.is_ascii()));
        // A point within each of them, and the code of the country that it lies in.
        let within = |ring: &[[f64; 2]], [x, y]: [f64; 2]| {
            let crosses = |pair: &[[f64; 2]]| {
                let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
                (ay > y) != (by > y) && x < ax + (bx - ax) * (y - ay) / (by - ay)
            };
            ring.windows(2).filter(|pair| crosses(pair)).count() % 2 == 1
        };
        for (iso3, at) in [
            ("EGY", [30.0, 26.0]),
            ("BRA", [-52.0, -10.0]),
            ("UKR", [31.0, 49.0]),
            ("USA", [-150.0, 65.0]),
            ("MUS", [57.55, -20.25]),
            ("IND", [79.0, 22.0]),
        ] {
            let at = project(at);
            let found: Vec<&str> =
                outlines.iter().filter(|o| within(&o.ring, at)).map(|o| o.iso3).collect();
            assert_eq!(found, [iso3]);
        }
    }
}
