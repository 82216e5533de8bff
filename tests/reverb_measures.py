"""What acousticians measure of a reverb's impulse response."""

import math

import numpy as np
import torch
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt
from scipy.special import erfc

from assistant.console.reverb import reverb
from assistant.params import REVERB_PARAMS

#: An impulse of unit energy on both sides.
CENTRE = (math.sqrt(0.5), math.sqrt(0.5))


def settings(dtype=torch.float64, **values):
    """Parameters (1, 5): the table's defaults but for the named ``values``."""
    unknown = values.keys() - {p.name for p in REVERB_PARAMS}
    assert not unknown, unknown
    return torch.tensor([[values.get(p.name, p.default) for p in REVERB_PARAMS]], dtype=dtype)


def impulse_response(rate, seconds, sides=CENTRE, **values):
    """The bus's response (2, T) to an impulse of the given amplitudes left and right; float64."""
    send = torch.zeros(1, 2, round(seconds * rate), dtype=torch.float64)
    send[0, :, 0] = torch.tensor(sides, dtype=torch.float64)
    return reverb(send, settings(**values), rate)[0].numpy()


def decay_time(response, rate, centre_hz, octaves=1.0, start_db=-5.0, stop_db=-35.0):
    """T60 in seconds by Schroeder's backward integration (1965) of a band of ``response`` (2, T), both channels."""
    edges = [centre_hz * 2.0 ** (-octaves / 2.0), centre_hz * 2.0 ** (octaves / 2.0)]
    band = sosfilt(butter(3, edges, "bandpass", fs=rate, output="sos"), response, axis=1)
    left = np.cumsum(np.sum(band**2, axis=0)[::-1])[::-1]
    level = 10.0 * np.log10(left / left[0] + 1e-30)
    start, stop = int(np.argmax(level < start_db)), int(np.argmax(level < stop_db))
    slope = np.polyfit(np.arange(start, stop) / rate, level[start:stop], 1)[0]
    return -60.0 / slope


def echo_density(channel, rate, window_s=0.02, hop_s=0.002, until_s=0.5):
    """Times in s and normalised echo density (Abel and Huang 2006): 1 for Gaussian noise, 0 for sparse echoes."""
    half = int(window_s * rate / 2.0)
    window = np.hanning(2 * half + 1)
    window /= window.sum()
    centres = np.arange(half, int(until_s * rate), int(hop_s * rate))
    parts = np.abs(np.stack([channel[c - half : c + half + 1] for c in centres]))
    deviation = np.sqrt((parts**2) @ window)
    outside = (parts > deviation[:, None]) @ window
    return centres / rate, np.where(deviation > 0.0, outside / erfc(1.0 / math.sqrt(2.0)), 0.0)


def third_octave_levels(channel, rate):
    """Mean power in dB of third-octave bands from 100 Hz to 8 kHz."""
    power = np.abs(np.fft.rfft(channel)) ** 2
    hz = np.fft.rfftfreq(len(channel), 1.0 / rate)
    centres = 1_000.0 * 2.0 ** (np.arange(-10, 10) / 3.0)
    bands = [power[(hz >= c * 2.0 ** (-1 / 6)) & (hz < c * 2.0 ** (1 / 6))] for c in centres]
    return np.array([10.0 * np.log10(band.mean()) for band in bands])


def _power_over_mean(channel, rate, start_s, seconds, low_hz=150.0, high_hz=6_000.0):
    """Power spectrum of a Hann-windowed stretch over its own mean within 100 Hz."""
    part = channel[int(start_s * rate) :][: int(seconds * rate)]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 4 * len(part))) ** 2
    hz = np.fft.rfftfreq(4 * len(part), 1.0 / rate)
    relative = power / uniform_filter1d(power, int(100.0 / hz[1]))
    return relative[(hz > low_hz) & (hz < high_hz)]


def modal_peak_db(channel, rate, start_s, seconds):
    """Highest spectral line over the mean within 100 Hz, in dB; 1 s of Gaussian noise measures 9 to 10."""
    return 10.0 * math.log10(np.max(_power_over_mean(channel, rate, start_s, seconds)))


def flatness(channel, rate, start_s, seconds):
    """Geometric over arithmetic mean of the spectrum, tilt removed; Gaussian noise measures 0.57."""
    relative = _power_over_mean(channel, rate, start_s, seconds)
    return float(np.exp(np.mean(np.log(relative))) / np.mean(relative))
