"""Every message a run can end with, in Chinese and in English, under a stable id.

Letters tell the room: STU study file, NET streets, LAY layer files, CRS coordinates,
NUM numbers, ID ids, GEO geometry, LOC places, POP people, OUT outputs.
``docs/messages.md`` lists them; a test keeps the two equal.
"""

from __future__ import annotations

MESSAGES: dict[str, dict[str, str]] = {
    # --- study file
    "E-STU-001": {
        "en": "the study file cannot be read: {reason}. Write a new one with: carecircle init",
        "zh": "无法读取研究文件：{reason}。可用 carecircle init 生成新的研究文件。",
    },
    "E-STU-002": {
        "en": "unknown key. Known here: {known}",
        "zh": "未知的键。此处可用：{known}",
    },
    "E-STU-003": {
        "en": "{reason}",
        "zh": "{reason}",
    },
    "E-STU-004": {
        "en": "this file does not exist. Paths are taken from the folder of the study file",
        "zh": "文件不存在。相对路径以研究文件所在文件夹为准",
    },
    # --- streets
    "E-NET-001": {
        "en": "no walkable way in this file. Was the download complete, and does it hold streets?",
        "zh": "文件中没有可步行的道路。请确认下载完整且包含道路。",
    },
    "E-NET-002": {
        "en": "the file is damaged or cut short: {reason}. Download it again",
        "zh": "文件损坏或不完整：{reason}。请重新下载。",
    },
    "E-NET-003": {
        "en": "{missing} of {total} street points have no position: the extract is incomplete. "
        "Cut it again with complete ways",
        "zh": "{total} 个道路节点中有 {missing} 个没有坐标：数据提取不完整。请以“完整道路”方式重新裁剪。",
    },
    "E-NET-004": {
        "en": "this street file is not one of the kinds read here: {kinds}",
        "zh": "不支持的路网文件类型。支持：{kinds}",
    },
    "E-NET-005": {
        "en": "graph edge {edge}: {reason}",
        "zh": "路网图的边 {edge}：{reason}",
    },
    # --- outputs
    "E-OUT-001": {
        "en": "nothing can be written there: {reason}. Choose another folder with --out",
        "zh": "无法写入该位置：{reason}。请用 --out 指定其他文件夹。",
    },
    "E-OUT-002": {
        "en": "the folder holds something that is not a result of carecircle. "
        "Choose another folder, or add --force",
        "zh": "文件夹中有并非由 carecircle 生成的内容。请另选文件夹，或加 --force。",
    },
    "E-OUT-003": {
        "en": "another run is writing there. Wait for it, or choose another folder with --out",
        "zh": "另一个任务正在写入该文件夹。请等待其完成，或用 --out 指定其他文件夹。",
    },
}
