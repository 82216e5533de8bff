"""Is an audio file all there? Sizes that its header announces, against the bytes that exist.

Decoders shorten a truncated file without a word. Each container that announces sizes is therefore walked first:
RIFF/RF64 WAV, AIFF, Wave64, CAF, MP4 boxes, the last page of an Ogg stream, and the chain of MP3 and ADTS frames.
FLAC announces its samples, which the reader compares.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from assistant.audio.formats import error_about

UNKNOWN_SIZE = 0xFFFFFFFF
TAIL_BYTES = 70_000  # more than the largest Ogg page, 65,307 bytes
AGAIN = "copy or export it again"


class Chunk(NamedTuple):
    """One chunk: its four-letter name, and where its content begins and is announced to end, in bytes."""

    name: bytes
    begin: int
    end: int


def check_not_cut_short(path: Path) -> None:
    """Raise :class:`AudioError` when the file at ``path`` announces more bytes than it has; unknown formats pass."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(12)
        for matches, check in _CHECKS:
            if matches(head):
                check(path, file, size)
                return


def mp3_frame_bytes(header: bytes) -> int:
    """Bytes of the MPEG layer III frame that ``header`` (4 bytes) begins; 0 where it does not say (ISO 11172-3)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    is_mpeg1 = header[1] & 0x18 == 0x18
    kbps = (_KBPS_MPEG1 if is_mpeg1 else _KBPS_MPEG2)[header[2] >> 4]
    rate_index = header[2] >> 2 & 3
    if rate_index == 3 or kbps == 0:
        return 0
    sample_rate = _MP3_RATES[rate_index] // {0x18: 1, 0x10: 2, 0x00: 4}.get(header[1] & 0x18, 1)
    return (144 if is_mpeg1 else 72) * 1000 * kbps // sample_rate + (header[2] >> 1 & 1)


def adts_frame_bytes(header: bytes) -> int:
    """Bytes of the ADTS frame that ``header`` (7 bytes) begins; 0 where it does not say (ISO 13818-7, 6.2)."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5


def id3_bytes(head: bytes) -> int:
    """Bytes of the ID3v2 tag that ``head`` (10 bytes) begins; 0 where it begins none (ID3v2.4, 3.1)."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])


_KBPS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_KBPS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MP3_RATES = (44_100, 48_000, 32_000)


def _riff_chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    """Chunks of a RIFF, RF64 or RIFX WAV; RF64 keeps the size of its data in an earlier ``ds64`` chunk."""
    file.seek(0)
    order = ">" if file.read(4) == b"RIFX" else "<"
    at, data_size = 12, UNKNOWN_SIZE
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        if name == b"ds64":
            data_size = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))[0]
        if name == b"data" and length == UNKNOWN_SIZE:
            length = data_size if data_size != UNKNOWN_SIZE else size - at - 8
        yield Chunk(name, at + 8, at + 8 + length)
        at += 8 + length + length % 2


def _form_chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack(">4sI", file.read(8))
        yield Chunk(name, at + 8, at + 8 + length)
        at += 8 + length + length % 2


def _w64_chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    at = 40
    while at + 24 <= size:
        file.seek(at)
        name, length = struct.unpack("<4s12xQ", file.read(24))
        yield Chunk(name, at + 24, at + length)
        at += max(24, (length + 7) // 8 * 8)


def _caf_chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    at = 8
    while at + 12 <= size:
        file.seek(at)
        name, length = struct.unpack(">4sq", file.read(12))
        length = size - at - 12 if length < 0 else length
        yield Chunk(name, at + 12, at + 12 + length)
        at += 12 + length


def _check_mp4(path: Path, file: BinaryIO, size: int) -> None:
    """Every top-level box must end inside the file, and the table of contents must be there."""
    at, names = 0, set()
    while at + 8 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0]
        length = size - at if length == 0 else length
        if length < 8 or at + length > size:
            raise error_about(path, f"the file is cut short: {at + length} bytes announced, {size} there; {AGAIN}")
        names.add(name)
        at += length
    if b"moov" not in names:
        raise error_about(path, f"the file is cut short: its table of contents (moov) is missing; {AGAIN}")


def _check_ogg(path: Path, file: BinaryIO, size: int) -> None:
    """The last page must be whole and carry the end-of-stream flag (RFC 3533)."""
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    at = tail.rfind(b"OggS")
    page = tail[at:]
    whole = at >= 0 and len(page) >= 27 and len(page) >= 27 + page[26]
    if whole:
        lengths = page[27 : 27 + page[26]]
        whole = bool(page[5] & 4) and len(page) >= 27 + len(lengths) + sum(lengths)
    if not whole:
        raise error_about(path, f"the file is cut short: its stream has no end; {AGAIN}")


def _check_frames(path: Path, file: BinaryIO, size: int) -> None:
    """The last MP3 or ADTS frame must be whole. Damage half-way, and tags after the audio, are left to the decoder."""
    file.seek(0)
    data = file.read()
    at = id3_bytes(data[:10])
    frame_bytes = adts_frame_bytes if adts_frame_bytes(data[at : at + 7]) else mp3_frame_bytes
    begin = at
    while (length := frame_bytes(data[at : at + 7])) > 0:
        at += length
    is_stump = size - at < 7 and data[at : at + 1] == b"\xff"
    if at > begin and (at > size or is_stump):
        raise error_about(path, f"the file is cut short in its last frame; {AGAIN}")


def _data_checker(chunks: Callable[[BinaryIO, int], Iterator[Chunk]], data: bytes) -> Callable[..., None]:
    """A check that the chunk called ``data`` lies inside the file."""

    def check(path: Path, file: BinaryIO, size: int) -> None:
        for chunk in chunks(file, size):
            announced, there = chunk.end - chunk.begin, size - chunk.begin
            if chunk.name == data and announced == 0 and there > 1024:
                text = f"its header announces no audio, but {there} bytes follow: the recording was not closed properly"
                raise error_about(path, f"{text}; open it in an editor as raw audio, or {AGAIN}")
            if announced > there + 1:
                text = f"{announced} bytes of audio announced, {there} there"
                raise error_about(path, f"the file is cut short: {text}; {AGAIN}")
            if chunk.name == data:
                return
        raise error_about(path, f"the file is cut short: no audio follows its header; {AGAIN}")

    return check


_CHECKS: tuple[tuple[Callable[[bytes], bool], Callable[[Path, BinaryIO, int], None]], ...] = (
    (lambda h: h[:4] in (b"RIFF", b"RF64", b"RIFX") and h[8:12] == b"WAVE", _data_checker(_riff_chunks, b"data")),
    (lambda h: h[:4] == b"FORM" and h[8:12] in (b"AIFF", b"AIFC"), _data_checker(_form_chunks, b"SSND")),
    (lambda h: h[:4] == b"riff" and h[4:8] == b"\x2e\x91\xcf\x11", _data_checker(_w64_chunks, b"data")),
    (lambda h: h[:4] == b"caff", _data_checker(_caf_chunks, b"data")),
    (lambda h: h[4:8] == b"ftyp", _check_mp4),
    (lambda h: h[:4] == b"OggS", _check_ogg),
    (lambda h: h[:3] == b"ID3" or mp3_frame_bytes(h) > 0 or adts_frame_bytes(h) > 0, _check_frames),
)
