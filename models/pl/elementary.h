/// Exponential and error function in single precision, the same bits on every machine. SystemC-free.
///
/// Contract    additions, multiplications and conversions of IEEE 754 binary32 alone, in the order in
///             which they stand (compiled without contraction to fused operations); no mathematical library.
///             u = 2^-24.
/// exp         x = k ln 2 + r, |r| <= ln 2 / 2 + 2^-20, by Cody and Waite's reduction (k ln2_high is exact),
///             e^r by its Taylor polynomial of degree 7, times 2^k. Error at most 3 u relative: remainder
///             0.13 u, reduction 0.35 u, polynomial 0.8 u, the last addition 1 u, over e^r >= 0.707 where
///             they are absolute.
/// erf         Taylor polynomials of degree 4 about multiples of 1/16 up to 4, beyond it 1. Error at most
///             1.5 u absolute: coefficient 0.5 u, remainder 0.06 u, polynomial 0.2 u, the last addition 0.5
///             u.
/// Source      Muller, Elementary Functions (3rd edition), sections 3.2 and 11.2, for the
///             reduction; coefficients are computed from the series, none are copied.
#pragma once

namespace vesper::pl {

/// e^x for x <= 0; for x < -87, where that is below 1.7e-38, 0.
float exp_negative(float x);
/// erf(x) for any x that is a number.
float error_function(float x);

}  // namespace vesper::pl
